"""What people pass, as plain JSON."""
