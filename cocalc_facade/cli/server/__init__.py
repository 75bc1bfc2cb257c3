"""The server: its routes and tables, and programs that use the command line."""
