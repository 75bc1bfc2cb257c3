"""Requests in, answers out: pages, routes, faults, and the two ways in."""
