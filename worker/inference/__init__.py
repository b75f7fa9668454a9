"""Pictures to embeddings: reading, decoding and the network in batches."""
