"""What the embedded VLM is taught about clips: questions, captions, boxes, and hints beside them."""
