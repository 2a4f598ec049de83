"""What happens after a match: follow-ups, complaints, time to match."""
