"""Where indexes live: one directory a film, written whole or not at all, one writer at a time."""
