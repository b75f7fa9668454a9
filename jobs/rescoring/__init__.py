"""Judging again what was judged, and what came of it."""
