"""A text that does not show itself."""

from __future__ import annotations

import hmac
from typing import NoReturn

from cocalc_facade._json.form import form


class Secret:
    """A secret text: prints masked everywhere, and is had by `reveal()` only. It is not pickled or copied into JSON."""

    __slots__ = ("_hint", "_value")

    def __init__(self, value: str, hint: str = "") -> None:
        self._value = value
        self._hint = hint

    def reveal(self) -> str:
        """Give the text itself."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({self._hint or '...'})"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled; store what reveal() gives where secrets belong")


form.register(Secret, repr)
