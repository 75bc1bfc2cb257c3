"""What calls teach of the server: its generation, its routes, and what the key lacks."""
