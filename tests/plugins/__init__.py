"""Fixtures that bring real processes: servers, workers, browsers."""
