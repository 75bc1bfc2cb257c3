"""Numbers as people have them at hand: of Python, of its decimals and fractions, of numpy and pandas."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

# Below, a float tells all whole numbers apart.
_EXACT = 2**53
# Python writes no longer int as text.
_DIGITS = 4300


def truth(value: Any) -> bool | None:
    """Give what is true or false as a bool; None for anything else, numbers included."""
    if isinstance(value, bool):
        return value
    return bool(value) if type(value).__name__ in ("bool", "bool_") else None  # of numpy


def whole(value: Any) -> int | None:
    """Give a whole number as an int; None for what is none."""
    number = real(value)
    return int(number) if number is not None and number == number // 1 else None


def real(value: Any) -> int | float | None:
    """Give a finite number as an int or a float; None for what is none, true and false included."""
    kind = type(value)
    if kind is int:
        return value  # type: ignore[no-any-return]
    if kind is float:
        return value if value - value == 0 else None
    if truth(value) is not None:
        return None
    try:
        if getattr(value, "imag", 0) != 0 or getattr(value, "ndim", 0):
            return None
        if hasattr(kind, "__index__"):
            with suppress(TypeError):  # an array without dimensions has it, whatever it holds
                return int(kind.__index__(value))
        return _from_float(value, float(value)) if hasattr(kind, "__float__") else None
    except Exception as error:
        from cocalc_facade._wire.interrupts import raised_by_a_handler

        if raised_by_a_handler(error):
            raise
        return None


def _from_float(value: Any, number: float) -> int | float | None:
    """Give the number that `value` is exactly, where `number`, its float, is not."""
    if number - number != 0:
        adjusted = getattr(value, "adjusted", None)  # of a decimal; a NaN has one too
        return _exactly(value) if adjusted is not None and 0 < adjusted() < _DIGITS else None
    if number.is_integer():
        return int(number) if abs(number) < _EXACT else _exactly(value) or number
    return number


def _exactly(value: Any) -> int | None:
    exact = int(value)
    return exact if exact == value else None
