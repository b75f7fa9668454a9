"""The SQLAlchemy tables, sessions and queries."""
