"""What the server's statuses and words mean."""
