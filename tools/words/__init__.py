"""Tools over words: what is said, written and captioned, read in order or searched."""
