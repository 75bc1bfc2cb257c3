"""What jobs take and give."""
