"""What the words of a film amount to without a language model: topics, key sentences, names."""
