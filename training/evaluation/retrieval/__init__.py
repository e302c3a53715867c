"""`kefu evaluate retrieval`: does the right article come first, and does nothing else pass?"""
