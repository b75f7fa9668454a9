"""The programs of workers, and their child processes."""
