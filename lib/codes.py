"""Public codes: what stands in URLs and on paper instead of a primary key, e.g. `N-7F3KQ2AB`."""

import secrets

# No 0/O, 1/I/L, U/V: codes are read out over the telephone.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"
LENGTH = 8  # 29^8 = 500 billion: among 100,000 rows one repeat is expected in a hundred platforms
LONG = 10  # for what a machine writes by the hundred thousand


def new_code(prefix: str, length: int = LENGTH) -> str:
    """Return a random public code such as `N-7F3KQ2AB` for the one-letter `prefix` of its kind."""
    number = secrets.randbelow(len(ALPHABET) ** length)  # one question to the system, not one for each letter
    letters = []
    for _ in range(length):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return f"{prefix}-" + "".join(letters)
