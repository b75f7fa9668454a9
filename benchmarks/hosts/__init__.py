"""Several hosts in one machine, and an installation on them."""
