"""One call, from arguments to a value or an error; no I/O.

What hooks are called with are names of this package, imported when one is asked for: annotations name them so, and
`typing.get_type_hints` finds them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .decoding.mismatches import Mismatch as Mismatch
    from .decoding.mismatches import Mismatches as Mismatches
    from .guarding.plan import PlannedCall as PlannedCall
    from .hooks import Request as Request
    from .hooks import Response as Response

_HOMES = {
    "Mismatch": "decoding.mismatches",
    "Mismatches": "decoding.mismatches",
    "PlannedCall": "guarding.plan",
    "Request": "hooks",
    "Response": "hooks",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("." + _HOMES[name], __name__), name)
