"""Finding: where in the film something is, by the index or by looking."""
