"""`nophoto demo`: real photographs and placeholders through queue and worker."""
