"""Selectors that may ask a model how relevant a stretch or a frame is."""
