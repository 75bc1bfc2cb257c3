"""The steps from the served document to the generated package, in the order of docs/architecture.md."""
