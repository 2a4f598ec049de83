"""One function per address of needs."""
