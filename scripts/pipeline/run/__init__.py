"""A run of all steps."""
