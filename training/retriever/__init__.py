"""Teaching the retriever how customers ask: an encoder, its tokens, and what scores mean."""
