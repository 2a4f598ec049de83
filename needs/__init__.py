"""The demand side: technical needs, their review and their care."""
