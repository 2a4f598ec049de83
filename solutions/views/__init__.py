"""One function per address of solutions."""
