"""Reacts to what happened below. Filled by matching.runs."""
