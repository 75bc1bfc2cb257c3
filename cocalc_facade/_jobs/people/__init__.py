"""People and what is theirs: projects by their titles, accounts by their addresses, who works on a project."""
