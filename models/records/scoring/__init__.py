"""The way of an upload to its verdict: claims, embeddings, workers."""
