"""How questions about the drawn world are worded, read, and turned into statements."""
