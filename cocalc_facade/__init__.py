"""A Python client for CoCalc's HTTP API that is right about the real server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from ._client import AsyncCoCalc, CoCalc

_HOMES = {"CoCalc": "_client", "AsyncCoCalc": "_client"}

__all__ = ["AsyncCoCalc", "CoCalc", "__version__"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value
