"""A shop that knows nothing of nophoto but a Celery task's name and a webhook."""
