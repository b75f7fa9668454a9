"""Sweeping and pruning."""
