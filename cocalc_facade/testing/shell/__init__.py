"""A small shell for the projects, which never starts one of the machine's."""
