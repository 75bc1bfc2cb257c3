"""One call, from arguments to a value or an error. No I/O."""
