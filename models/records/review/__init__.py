"""Moderators' decisions: the queue, leases, appeals and spot checks."""
