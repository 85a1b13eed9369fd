"""What a question wants: rules of high precision, and a chat model that reads it, checked."""
