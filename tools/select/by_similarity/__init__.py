"""Selectors that rank instants by their likeness to what is looked for."""
