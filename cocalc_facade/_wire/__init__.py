"""Bytes out, bytes in. Only `transport` knows httpx."""
