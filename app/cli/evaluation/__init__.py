"""`longtake eval`: commands that measure; one file a command."""
