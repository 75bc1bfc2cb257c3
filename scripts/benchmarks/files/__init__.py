"""Files to a project and back."""
