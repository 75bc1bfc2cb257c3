"""A large answer: 10,000 purchases from bytes to typed objects."""

from __future__ import annotations

import gc
import json
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from uuid import UUID

import httpx

from scripts.benchmarks.contest import NotHereError, Side, row
from scripts.benchmarks.worker import cpu, warm

PURCHASES = 10_000


@row(1.35, "10,000 purchases, bytes to typed objects", "`response.json()`")
def decode(stack: ExitStack) -> tuple[Side, Side]:
    """With the JSON decoder of the standard library."""
    return warm(stack, typed, "plain"), warm(stack, dicts)


@row(0.6, "the same with the extra `fast`", "`response.json()`")
def decode_fast(stack: ExitStack) -> tuple[Side, Side]:
    """With the JSON decoder that `cocalc-facade[fast]` brings."""
    if find_spec("msgspec") is None:
        raise NotHereError("pip install cocalc-facade[fast]")
    return warm(stack, typed, "fast"), warm(stack, dicts)


@row(1.5, "the same with the extra `fast`", "`msgspec.json.decode` into structs of the same fields")
def decode_limit(stack: ExitStack) -> tuple[Side, Side]:
    """Against the least that is known."""
    if find_spec("msgspec") is None:
        raise NotHereError("pip install cocalc-facade[fast]")
    return warm(stack, typed, "fast"), warm(stack, structs)


@row(0.7, "memory of those objects", "the dicts of `response.json()`")
def memory(stack: ExitStack) -> tuple[Side, Side]:
    """Bytes that stay allocated."""
    return warm(stack, typed_memory), warm(stack, dicts_memory)


def purchases() -> bytes:
    """An answer of purchases/get-purchases as the server gives it to an administrator: fields that do not apply are null."""
    return json.dumps(
        {"purchases": [_purchase(n) for n in range(PURCHASES)], "balance": 41.5}, separators=(",", ":")
    ).encode()


def _purchase(number: int) -> dict[str, object]:
    upgrade = number % 3 != 0
    return {
        "id": 100_000 + number,
        "time": _time(number),
        "cost": round(0.37 * (number % 89) + 0.01, 4),
        "period_start": _time(number + 1),
        "period_end": _time(number + 2),
        "cost_per_hour": round(0.003 * (number % 31 + 1), 5) if upgrade else None,
        "cost_so_far": None,
        "service": "project-upgrade" if upgrade else "license",
        "description": {"type": "project-upgrade", "quota": {"cores": 1, "memory": 2000}},
        "invoice_id": f"in_1P{number:022}",
        "project_id": str(UUID(int=number * 2**64)) if upgrade else None,
        "notes": None,
        "email_address": f"student{number % 200}@example.edu",
        "first_name": "Ada",
        "last_name": "Lovelace",
    }


def _time(number: int) -> str:
    return f"2026-{1 + number % 12:02}-{1 + number % 28:02}T{number % 24:02}:{number % 60:02}:{number * 7 % 60:02}.{number % 1000:03}Z"


def _typed(decoder: str) -> Callable[[bytes], object]:
    """What a typed call does with the body of its answer, whoever brought it."""
    if decoder == "plain":
        sys.modules["msgspec"] = None  # type: ignore[assignment]
    from cocalc_facade import CoCalc
    from cocalc_facade._calls import engine
    from cocalc_facade._wire.flow import Answer

    session = CoCalc()._session

    def read(body: bytes) -> object:
        flow = engine.typed(session, "purchases/get-purchases", {}, None)
        next(flow)
        try:
            flow.send(Answer(200, {"content-type": "application/json"}, body))
        except StopIteration as end:
            return end.value
        raise RuntimeError("the call did not end with its answer")

    return read


def typed(decoder: str) -> Side:
    """What a typed call does with the body."""
    body = purchases()
    read = _typed(decoder)
    return cpu(lambda: read(body))


def dicts() -> Side:
    """`response.json()`, the body being there."""
    response = httpx.Response(200, content=purchases())
    return cpu(response.json)


def structs() -> Side:
    """Objects of msgspec's own, their times read as times; nothing is kept of what they do not know."""
    msgspec: Any = import_module("msgspec")
    whole = _purchase(1)
    fields: list[Any] = [(name, _kind(name, value), None) for name, value in whole.items()]
    kind: Any = list[msgspec.defstruct("Purchase", fields)]  # type: ignore[misc]
    answer = msgspec.defstruct("Purchases", [("purchases", kind), ("balance", float | None, None)])
    decode = msgspec.json.Decoder(answer).decode
    body = purchases()
    return cpu(lambda: decode(body))


def _kind(name: str, value: object) -> Any:
    if name in ("time", "period_start", "period_end"):
        return datetime | None
    return str | float | None if value is None else type(value) | None


def typed_memory() -> Side:
    """Bytes of the typed objects."""
    body = purchases()
    read = _typed("plain")
    return _allocated(lambda: read(body))


def dicts_memory() -> Side:
    """Bytes of the dicts."""
    return _allocated(httpx.Response(200, content=purchases()).json)


def _allocated(work: Callable[[], object]) -> Side:
    work()

    def side() -> float:
        gc.collect()
        tracemalloc.start()
        result = work()
        gc.collect()
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        del result
        return size

    return side
