"""Demo data and the loaders beside it."""
