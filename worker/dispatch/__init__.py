"""From a message to rows, and from rows to work."""
