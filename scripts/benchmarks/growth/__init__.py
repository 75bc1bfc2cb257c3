"""What must not be noticed by who uses little, however much there is."""
