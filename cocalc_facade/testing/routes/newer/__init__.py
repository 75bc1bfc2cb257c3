"""The routes of servers of the newer generation, with keys that have capabilities."""
