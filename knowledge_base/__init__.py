"""A company's knowledge: reading, indexing and searching it."""
