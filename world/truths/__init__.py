"""What is true of a drawn film: its facts, the questions about them, and their answers."""
