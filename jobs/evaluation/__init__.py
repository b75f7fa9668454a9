"""Measuring a model version on labelled pictures."""
