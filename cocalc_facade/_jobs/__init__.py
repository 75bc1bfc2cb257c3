"""What people do: one file a job, its flows and results."""
