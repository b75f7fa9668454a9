"""Gathers the free pictures that shipped versions were trained on, from packages."""
