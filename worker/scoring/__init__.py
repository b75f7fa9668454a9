"""The pipeline that judges a chunk of uploads."""
