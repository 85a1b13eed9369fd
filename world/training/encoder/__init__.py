"""Training and measuring the embedded encoder."""
