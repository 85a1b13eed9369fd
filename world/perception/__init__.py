"""What the embedded encoder sees: detections by its patches, and what they say of a claim."""
