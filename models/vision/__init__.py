"""Pictures to embeddings to similarity; the triplet network and its training."""
