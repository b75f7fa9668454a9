"""Serving pictures: routes, thumbnails and the cache of dropped files."""
