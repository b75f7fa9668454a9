"""Lays out pictures that teach a backbone to see absence: icons and words on grounds."""
