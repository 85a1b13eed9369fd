"""Models that hear speech (role `asr`): Whisper on this machine, or behind an endpoint."""
