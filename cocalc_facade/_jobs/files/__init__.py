"""Files and trees to a project and from one: the same bytes, whole or not at all."""
