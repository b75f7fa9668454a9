"""A thin client of nophoto's HTTP API, to copy into a platform of one's own."""
