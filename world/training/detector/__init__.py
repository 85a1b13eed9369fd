"""Training and measuring the group detector."""
