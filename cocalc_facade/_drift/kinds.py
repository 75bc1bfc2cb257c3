"""The terms of a contract.

A type is an object whose keys are the kinds of value that it allows (`string`, `object`, …) and whose values say more
of each; `{}` allows anything. The `ways` of an object are its alternatives: which fields each has and requires.
"""

from __future__ import annotations

from typing import Any, TypeAlias

Json: TypeAlias = Any
Type: TypeAlias = dict[str, Any]
Way: TypeAlias = dict[str, Any]


class ContractError(ValueError):
    """The document cannot be read as an API; the text is one line."""
