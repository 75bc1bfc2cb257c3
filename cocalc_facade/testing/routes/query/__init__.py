"""user-query and its tables."""
