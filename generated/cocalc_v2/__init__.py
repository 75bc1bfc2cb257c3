"""The generated low-level client."""
