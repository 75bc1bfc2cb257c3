"""The two generations of servers: telling them apart, and the ways that only the newer one has."""
