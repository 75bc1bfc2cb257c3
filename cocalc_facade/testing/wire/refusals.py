"""The three ways in which a handler does not answer."""

from __future__ import annotations


class Refusal(Exception):
    """The handler says no: answered as 200 with `{"error": text}`."""


class Unanswered(Exception):
    """The project did not answer the hub: a bare text is thrown, of which `{"error": "undefined"}` or `{}` is left."""


class Crash(Exception):
    """The handler throws where nothing catches it: answered as 500."""
