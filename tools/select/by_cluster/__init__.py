"""Selectors that group instants, or compare each with its neighbours, by their pictures."""
