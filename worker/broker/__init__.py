"""Celery and the broker: the application, its messages and their publisher."""
