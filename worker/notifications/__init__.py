"""Telling the platform what became of its uploads: from the outbox to its webhook or its task."""
