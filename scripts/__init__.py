"""The commands: what a person or a workflow types. What they are made of is in the folders."""
