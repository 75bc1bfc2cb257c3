"""Code run in a kernel: what it put out, and how that is shown."""
