"""The outbox: what platforms are to be told."""
