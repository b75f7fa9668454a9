"""Training a model version on pictures of one's own."""
