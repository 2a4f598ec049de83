"""Project package: settings, URLs, API routes, Celery. Knows every app; no app imports it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
