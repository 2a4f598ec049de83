"""Public codes: what stands in URLs and on paper instead of a primary key, e.g. `N-7F3KQ2`."""

import secrets

# No 0/O, 1/I/L, U/V: codes are read out over the telephone.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"
LENGTH = 6  # 29^6 = 595 million; the unique constraint refuses the rare repeat


def new_code(prefix: str) -> str:
    """Return a random public code such as `N-7F3KQ2` for the one-letter `prefix` of its kind."""
    return f"{prefix}-" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
