"""SCHEMA: which document the client was made from."""

from __future__ import annotations


class Schema:
    hash = "unknown"


SCHEMA = Schema()
