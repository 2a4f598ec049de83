"""The verbs of solutions: keyword-only, `by` is the actor, `at` is the time, everything in one transaction."""
