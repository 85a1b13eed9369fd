"""Films of the drawn world: planned shot by shot, narrated, rendered and encoded."""
