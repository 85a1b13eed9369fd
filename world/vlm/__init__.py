"""The embedded video LLM, and the tagger beside it, behind the `VLM` seam of the tools."""
