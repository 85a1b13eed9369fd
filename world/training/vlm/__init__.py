"""Training and measuring the embedded video LLM."""
