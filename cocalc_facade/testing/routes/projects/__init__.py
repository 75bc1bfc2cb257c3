"""Projects and what runs in them."""
