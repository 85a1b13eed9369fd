"""The loop: a planning graph that looks, searches, zooms and re-checks until it is confident."""
