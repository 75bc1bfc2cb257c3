"""What is told of a route, sentence by sentence: in docstrings, and on the pages of the reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scripts.pipeline.generate.kinds import Kind, Schema
from scripts.pipeline.generate.prose import about_job, capabilities, clean, facts, newer_keys, sentence
from scripts.pipeline.shape import ANSWER

_WHO = {
    "none": "Needs no API key.",
    "optional": "Works without an API key, but may answer less.",
    "account-or-project": "An account's or the project's own key may call it.",
    "project": "Only a project's own key may call it.",
    "admin": "Administrators of the site only.",
    "admin-or-partner": "Administrators and partners of the site only.",
}


def summary(path: str, operation: Mapping[str, Any]) -> str:
    """Give what a route does, in a sentence."""
    return sentence(operation.get("summary") or "") or f"Call `{path}`."


def notes(path: str, operation: Mapping[str, Any]) -> list[str]:
    """Give what one should know before calling, in sentences: who may, what it changes, costs and takes."""
    get = operation.get
    told = [*about_job(get("x-cocalc-job")), f"POST /api/v2/{path}."]
    if (reason := get("x-cocalc-fails")) is not None:
        told.append(sentence(f"Always fails on today's server: {clean(reason)}"))
    if get("deprecated"):
        told.append("Deprecated by the server.")
    if (change := get("x-cocalc-changes")) is not None:
        told.append(sentence(f"Changes state on the server: it {clean(change)}"))
    else:
        told.append(f"Changes {'state' if get('x-cocalc-mutates', True) else 'nothing'} on the server.")
    if get("x-cocalc-idempotent"):
        told.append("Calling it again does no more than calling it once.")
    if get("x-cocalc-charges"):
        told.append("May charge money.")
    if (consequence := get("x-cocalc-confirm")) is not None:
        told.append(sentence(f"Needs `confirm=True`, because this {clean(consequence)}"))
    if (seconds := get("x-cocalc-timeout")) is not None:
        long = "May take minutes; the" if float(seconds) > 60 else "The"
        told.append(f"{long} client waits up to {float(seconds):g} s.")
    told.append(_WHO.get(str(get("x-cocalc-auth", "account")), ""))
    if limits := get("x-cocalc-rate-limit"):
        rates = ", ".join(f"{count} per {clean(unit)}" for unit, count in limits.items())
        told.append(f"At most {rates} for each account.")
    if not get("x-cocalc-published", True):
        told.append("The server answers this route without publishing it.")
    if get("x-cocalc-newer-servers") is False:
        told.append("Newer servers lack it.")
    else:
        told.append(newer_keys(capabilities(get("x-cocalc-capability")) or []))
    return [note for note in told if note]


def returned(operation: Mapping[str, Any]) -> str:
    """Give what a route answers, in a sentence; empty when nothing is said of it."""
    given = sentence(operation.get("responses", {}).get("200", {}).get("description", ANSWER))
    return "" if given == ANSWER else given


def _bounds(low: object, high: object, unit: str) -> str:
    if low is not None and high is not None:
        return f"From {clean(low)[:30]} to {clean(high)[:30]}{unit}."
    if low is not None:
        return f"At least {clean(low)[:30]}{unit}."
    return "" if high is None else f"At most {clean(high)[:30]}{unit}."


def about_argument(schema: Schema | bool, kind: Kind) -> str:
    """Give what a docstring says of an argument: what it is for, its known values, its default and its limits."""
    if not isinstance(schema, Mapping):
        return ""
    parts = [sentence(schema.get("description") or ""), facts(kind)]
    if "default" in schema:
        parts.append(f"Default: {clean(repr(schema['default']))[:100]}.")
    parts.append(_bounds(schema.get("minimum"), schema.get("maximum"), ""))
    parts.append(_bounds(schema.get("minLength"), schema.get("maxLength"), " characters"))
    if (bound := schema.get("exclusiveMinimum")) is not None:
        parts.append(f"More than {clean(bound)[:30]}.")
    return " ".join(part for part in parts if part)
