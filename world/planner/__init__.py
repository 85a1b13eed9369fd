"""The drawn world's planner: recipes by kind of question, over the common tools and its own."""
