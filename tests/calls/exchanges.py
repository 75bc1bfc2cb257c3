"""The recorded exchanges, as answers that a transport could have brought."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from cocalc_facade import InvalidRequestError
from cocalc_facade._calls.routes import Route, Routes

ROUTES = Routes()
DATA = Path(__file__).parent.parent / "data" / "exchanges"
CUT = re.compile(r"\n\.\.\.\[(\d+) characters in all\]$")


class Recorded(NamedTuple):
    name: str
    path: str
    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float = 0.0


@cache
def recorded(file: str = "recorded") -> tuple[Recorded, ...]:
    return tuple(_read(json.loads(line)) for line in (DATA / f"{file}.jsonl").read_text("utf-8").splitlines())


@cache
def every_exchange() -> tuple[Recorded, ...]:
    """The first meeting, the second, one of the newer generation, and every route without a key."""
    return (
        *recorded(),
        *recorded("second-meeting"),
        *recorded("newer-generation"),
        *without_key(),
    )


@cache
def without_key() -> tuple[Recorded, ...]:
    lines = (DATA / "every-route-without-key.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return tuple(Recorded(row["path"], row["path"], row["status"], _headers(row), _body(row)) for row in rows)


def route_of(exchange: Recorded) -> Route:
    """What the client knows of the path; of one that no client can call it knows nothing."""
    try:
        return ROUTES[exchange.path]
    except InvalidRequestError:
        return Route(exchange.path, None)


def _read(row: dict[str, Any]) -> Recorded:
    path = row["request"]["path"].partition("?")[0]
    answer = row["response"]
    route = path.partition("/api/v2/")[2] or path.strip("/") or "(root)"
    # The first recording does not have the seconds; what says nothing was cut at the server's minute.
    seconds = 60.0 if answer.get("json") == {"error": "undefined"} else 0.0
    return Recorded(
        row["name"],
        route,
        answer["status"],
        _headers(answer),
        _body(answer),
        answer.get("seconds", seconds),
    )


def _headers(answer: dict[str, Any]) -> dict[str, str]:
    names = {"content-type": "content_type", "location": "location", "allow": "allow"}
    return {header: answer[name] for header, name in names.items() if answer.get(name)}


def _body(answer: dict[str, Any]) -> bytes:
    if "json" in answer:
        return json.dumps(answer["json"], ensure_ascii=False).encode()
    text: str = answer.get("text", "")
    return (_completed(text) if text.startswith("{") else text).encode()


def _completed(text: str) -> str:
    """Five long JSON answers were cut by the recorder; what is missing is filled up so that they are JSON again."""
    cut = CUT.search(text)
    kept = text[: cut.start()] if cut is not None else text
    if cut is not None and kept.startswith('{"stdout":"a'):
        rest = '","stderr":"","exit_code":0,"type":"blocking"}'
        return kept + "a" * (int(cut[1]) - len(kept) - len(rest)) + rest
    return kept[: kept.rindex(',"')] + "}"
