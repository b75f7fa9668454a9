"""Embeddings to verdicts: references, allow list and the version that judges."""
