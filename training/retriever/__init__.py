"""Teaching the retriever how customers ask: an encoder, a reranker, and what their scores mean."""
