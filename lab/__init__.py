"""Bench and evaluation, with the packages only they need. Nobody imports it."""
