"""Where a client's settings come from besides its arguments: the environment, and profiles in a file."""
