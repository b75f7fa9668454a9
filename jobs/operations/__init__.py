"""Health, upgrades, users and what else an operator needs."""
