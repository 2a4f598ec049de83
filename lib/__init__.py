"""Leaves that import nothing of ours.

One flat folder although it is long: every module is a subject of its own that a reader looks up by its name.
"""
