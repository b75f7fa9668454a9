"""Threads: pools with a timeout, background work and the renewal of leases."""
