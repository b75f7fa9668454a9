"""The Celery application, its tasks and the scoring pipeline: where vision meets records."""
