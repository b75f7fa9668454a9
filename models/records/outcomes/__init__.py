"""Reading what came of uploads."""
