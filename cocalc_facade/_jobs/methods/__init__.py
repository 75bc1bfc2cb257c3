"""The jobs as methods of the client and of its handles; they only start flows."""
