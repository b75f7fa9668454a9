"""Every speed and memory figure that the README quotes, each by one command."""

import os

# What they start shall find its modules compiled, as an installed package has them.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
