"""The verbs of needs: keyword-only, `by` is the actor, `at` is the time, everything in one transaction."""
