"""Where shots begin: a coarse pass over sampled thumbnails, then exact frames where it matters."""
