"""How far two answers agree: status, content type, and the types of all that is in the body."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from typing import Any, Protocol

from cocalc_facade.testing import Response

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Names of files that the server draws.
TEMPORARY = re.compile(r"/tmp/cocalc-\w+/a\.sh")
# The words in which the server refuses are part of the shape: clients read them.
WORDS = ("error", "message", "reason")


def shape(value: Any, name: str = "") -> Any:
    """A value with types in place of what varies; refusals keep their words."""
    if isinstance(value, dict):
        return {UUID.sub("<uuid>", key): shape(item, key) for key, item in sorted(value.items())}
    if isinstance(value, list):
        return [shape(item) for item in value]
    if isinstance(value, str):
        return UUID.sub("<uuid>", TEMPORARY.sub("<file>", value)) if name in WORDS else "text"
    if value is None or isinstance(value, bool):
        return value
    return "number"


def agrees(expected: Any, found: Any) -> bool:
    """Whether two shapes agree: lists when they have a kind of element in common, or both have none."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return expected.keys() == found.keys() and all(agrees(expected[key], found[key]) for key in expected)
    if isinstance(expected, list) and isinstance(found, list):
        return (not expected and not found) or any(
            agrees(left, right) for left in expected for right in found
        )
    if isinstance(expected, bool) and isinstance(found, bool):
        return True
    return bool(expected == found)


class Asked(Protocol):
    """A recorded exchange, and how to ask a stand-in the same."""

    exchange: Any

    def ask(self) -> Response: ...


def disagreements(scene: Asked) -> list[str]:
    """What a stand-in answers otherwise than was recorded; nothing when they agree."""
    exchange = scene.exchange
    return differences(exchange.response, scene.ask(), exchange.request["method"])


def untold(scenes: Iterable[Asked], deviations: Collection[str]) -> str:
    """The disagreements of exchanges that are not listed as deviations, a line for each; an empty text when there are none."""
    told = [
        (scene.exchange.name, disagreements(scene))
        for scene in scenes
        if scene.exchange.name not in deviations
    ]
    return "\n".join(f"{name}: {line}" for name, lines in told for line in lines)


def differences(recorded: dict[str, Any], response: Response, method: str) -> list[str]:
    """What is different from the recorded answer; nothing when they agree."""
    found = []
    if recorded["status"] != response.status:
        found.append(f"status: {recorded['status']} recorded, {response.status} given")
    if recorded["content_type"] != response.header("content-type"):
        found.append(
            f"content type: {recorded['content_type']} recorded, {response.header('content-type')} given"
        )
    if "sets_cookies" in recorded and bool(recorded["sets_cookies"]) != (
        response.header("set-cookie") is not None
    ):
        found.append(
            f"cookies: {recorded.get('sets_cookies')} recorded, {response.header('set-cookie')} given"
        )
    if "allow" in recorded and recorded["allow"] != response.header("allow"):
        found.append(f"allow: {recorded['allow']} recorded, {response.header('allow')} given")
    if (
        recorded.get("location")
        and recorded["status"] == 308
        and recorded["location"] != response.header("location")
    ):
        found.append(f"location: {recorded['location']} recorded, {response.header('location')} given")
    if method == "HEAD":
        return found + _head(recorded["text"], response)
    if "json" in recorded:
        return found + _json(recorded["json"], response)
    return found + _text(recorded["text"], response.body.decode("utf-8", "replace"))


def _head(text: str, response: Response) -> list[str]:
    names = {line.partition(":")[0].lower() for line in text.splitlines()[1:]}
    given = {name.lower() for name, _ in response.headers} | {"date", "connection", "keep-alive"}
    return ["a body where none may be"] * bool(response.body) + [
        f"no header {name}" for name in sorted(names - given)
    ]


def _json(recorded: Any, response: Response) -> list[str]:
    try:
        given = response.json()
    except ValueError:
        return [f"body: JSON recorded, {response.body[:80]!r} given"]
    expected, found = shape(recorded), shape(given)
    return (
        []
        if agrees(expected, found)
        else [f"body: {json.dumps(expected)} recorded, {json.dumps(found)} given"]
    )


def _text(recorded: str, given: str) -> list[str]:
    """Texts were kept by their beginnings, some with their length; the markup of a page is that of the build."""
    if recorded.startswith("<!DOCTYPE html>") and given.startswith("<!DOCTYPE html>"):
        return []
    if recorded.startswith("%PDF") and given.startswith("%PDF-"):
        return []
    length = re.search(r"\n\.\.\.\[(\d+) characters in all\]$", recorded)
    start = recorded[: length.start()] if length else recorded.removesuffix("…")
    # Uptime and the like: numbers may differ.
    if re.sub(r"\d+", "0", given[: len(start)]) != re.sub(r"\d+", "0", start):
        return [f"text: {start[:200]!r} recorded, {given[:200]!r} given"]
    if length and len(given) != int(length[1]):
        return [f"length: {length[1]} recorded, {len(given)} given"]
    if not length and start == recorded and given != recorded and not re.search(r"\d", recorded):
        return [f"text: {recorded!r} recorded, {given!r} given"]
    return []
