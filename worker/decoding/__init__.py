"""Decoding in confined processes."""
