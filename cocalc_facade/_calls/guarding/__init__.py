"""What keeps a call from changing anything: the client is read_only, or only tells what it would do."""
