"""The weekly run."""
