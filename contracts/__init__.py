"""What was agreed, delivered, accepted and proven."""
