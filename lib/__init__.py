"""Leaves that import nothing of ours."""
