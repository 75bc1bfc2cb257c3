"""Courses, and the people and projects that they are made of."""
