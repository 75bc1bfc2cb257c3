"""The command line, by the extra `cli`. It stands on the client's own methods: their signatures are the options, their docstrings the help."""
