"""The history of the tables, and bringing a database to its newest state."""

from nophoto.migrations.upgrade import check, head, upgrade

__all__ = ["check", "head", "upgrade"]
