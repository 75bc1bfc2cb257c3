"""A rehearsal of what a server may do to its document in years: made-up changes of every kind, and what the client keeps through them."""
