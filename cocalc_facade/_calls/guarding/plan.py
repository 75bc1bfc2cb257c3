"""What a dry run would have done: each call that would have changed something, in order."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any

import attrs

from cocalc_facade._json.records import Record
from cocalc_facade._wire.keys.redaction import LIKELY, MASK, mask_likely

from .placeholders import placeholder

if TYPE_CHECKING:
    from cocalc_facade._calls.routes import Route

_SECRET = re.compile(
    r"pass(?:word|phrase|wd)?$|secret|token|api_?key|credential|cookie|private_?key|authorization", re.I
).search
_WORD = r"[\w-]*(?:pass(?:word|phrase|wd)?|secret|token|api[_-]?key)"
_OPTION = re.compile(rf"--?{_WORD}", re.I).fullmatch
_IN_TEXT = re.compile(
    r"(://)[^\s/@:]*:[^\s/@]+(?=@)"
    r"|(authorization[\"']?\s*[:=]\s*[\"']?\w+ |\b(?-i:Bearer) )[\w.~+/=-]+"
    rf"|((?:[?&]|(?<![\w-])--?){_WORD}[= ])[^\s&'\"]+",
    re.I,
)
"""What is secret by where it stands: in an address, a header, a query, an option of a command."""


@attrs.frozen
class PlannedCall(Record):
    """A call that a dry run did not make.

    `changes` completes "it …". `charges` says that it may charge money, `cost` how many US dollars as far as the arguments tell. `repeatable`: a second
    call does no more than one. `confirm` says why `confirm=True` is needed. In `arguments`, by their names on the wire, secrets are `***`.
    """

    path: str
    arguments: Mapping[str, Any]
    changes: str
    charges: bool = False
    cost: float | None = None
    repeatable: bool = False
    confirm: str | None = None

    def __str__(self) -> str:
        words = [f"it {self.changes}"]
        if self.cost is not None:
            words.append(f"charges {self.cost:g} USD")
        elif self.charges:
            words.append("may charge money")
        if not self.repeatable:
            words.append("not to be repeated blindly")
        return f"{self.path} {json.dumps(_short(self.arguments), ensure_ascii=False)}: {', '.join(words)}"


class Plan:
    """The calls that were not made; shared by a client and its views, and added to by threads and tasks."""

    __slots__ = ("_numbers", "calls")

    def __init__(self) -> None:
        self.calls: list[PlannedCall] = []
        self._numbers = count(1)

    def add(self, route: Route, body: bytes, words: str, redact: Callable[[str], str]) -> Any:
        """List a call, and give what stands in for its answer."""
        arguments = json.loads(body)
        operation = route.operation
        charges = operation is not None and operation.charges
        self.calls.append(
            PlannedCall(
                route.path,
                _masked(arguments, redact),
                words,
                charges,
                _cost(arguments) if charges else None,
                route.idempotent,
                operation.confirm if operation is not None else None,
            )
        )
        return self.stand_in(route, body)

    def costs(self, path: str, amount: float) -> None:
        """Say what the last listed call of a route costs, for who has asked."""
        for place in reversed(range(len(self.calls))):
            if self.calls[place].path == path:
                self.calls[place] = attrs.evolve(self.calls[place], cost=amount)
                return

    def stand_in(self, route: Route, body: bytes) -> Any:
        """Give what stands in for the answer to a call that is not made."""
        return placeholder(route, body, next(self._numbers))


def _masked(value: Any, redact: Callable[[str], str], secret: bool = False) -> Any:
    """Give a copy of plain JSON in which secrets, told by their names and their form, are masked."""
    if isinstance(value, dict):
        return {
            _clean(name, redact): _masked(inner, redact, secret or bool(_SECRET(name)) or name == "env")
            for name, inner in value.items()
        }
    if isinstance(value, list):
        before = ["", *value]
        return [
            _masked(item, redact, secret or (isinstance(option, str) and bool(_OPTION(option))))
            for option, item in zip(before, value, strict=False)
        ]
    if secret and value is not None and not isinstance(value, bool):
        return MASK
    return _clean(value, redact) if isinstance(value, str) else value


def _clean(text: str, redact: Callable[[str], str]) -> str:
    shown = mask_likely(redact(text), LIKELY)
    return _IN_TEXT.sub(lambda found: next(filter(None, found.groups())) + MASK, shown)


def _short(value: Any) -> Any:
    """Give plain JSON for a line: with the beginnings of long texts and lists."""
    if isinstance(value, Mapping):
        return {name: _short(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [*map(_short, value[:10]), *["…"][: len(value) > 10]]
    return value[:59] + "…" if isinstance(value, str) and len(value) > 60 else value


def _cost(arguments: dict[str, Any]) -> float | None:
    """Give the sum that the items of a payment name."""
    items = arguments.get("lineItems")
    if not isinstance(items, list):
        return None
    amounts: list[float] = []
    for item in items:
        amount = item.get("amount") if isinstance(item, dict) else None
        if not isinstance(amount, int | float):
            return None
        amounts.append(amount)
    return round(sum(amounts), 2)
