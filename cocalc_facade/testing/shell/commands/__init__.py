"""The commands that the projects know, each a few lines of Python."""
