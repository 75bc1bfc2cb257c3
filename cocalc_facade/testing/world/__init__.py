"""What the server holds and knows: accounts, projects and their files, its clock, its throttle, its ways."""
