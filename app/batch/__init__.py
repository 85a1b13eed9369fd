"""Many questions at once: benchmarks as the command line runs them, and lmms-eval's model."""
