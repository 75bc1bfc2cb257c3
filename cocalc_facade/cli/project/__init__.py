"""Projects, and what is done in them."""
