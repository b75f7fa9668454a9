"""What people and schedules start: the `nophoto` command and the functions behind it."""
