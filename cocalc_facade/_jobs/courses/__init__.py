"""A course: its `.course` file, read; its people and what they were given; what is done for all of them."""
