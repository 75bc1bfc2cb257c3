"""A whole course on the stand-in."""
