"""Finds placeholder pictures among real photographs in a moderation queue."""
