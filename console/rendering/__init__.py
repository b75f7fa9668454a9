"""Templates, charts and the tables of a version."""
