"""Clips that the embedded VLM is trained on, and what is true of them."""
