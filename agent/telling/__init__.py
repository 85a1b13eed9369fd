"""A film told: chapters, summaries, events, steps and names, every sentence with its spans."""
