"""Pieces of HTML that several pages share."""
