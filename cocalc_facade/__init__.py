"""A Python client for CoCalc's HTTP API that is right about the real server."""

from ._version import __version__

__all__ = ["__version__"]
