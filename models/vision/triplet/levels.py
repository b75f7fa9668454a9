"""What stands for the kind of a picture that is not a placeholder of a known kind."""

REAL = -1
"""A real picture."""

UNKNOWN = -2
"""A placeholder whose kind nobody has named, or whose kind has nothing in common to learn."""
