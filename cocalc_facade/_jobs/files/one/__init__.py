"""One file: whole, right, and in its place in one step."""
