"""Connections: sockets that keep to the time of a call, and whose each byte is accounted for."""
