"""The document that the steps hand on: its parts and its names."""
