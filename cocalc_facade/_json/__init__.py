"""What comes back as plain JSON: the bases of results, and the form of each kind of value."""
