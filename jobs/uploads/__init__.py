"""Enqueueing uploads, and listing and reporting what became of them."""
