"""What is heard in a film: its sound in chunks, through a speech model, kept chunk by chunk."""
