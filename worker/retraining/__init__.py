"""The request for a retraining, and what it may read."""
