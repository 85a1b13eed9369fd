"""What is said, written and captioned: the film's lines, and the tools that read them."""
