"""Subsets of fonts under the SIL Open Font License 1.1, made by `subset.py`."""
