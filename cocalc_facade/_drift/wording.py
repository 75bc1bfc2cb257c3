"""How a sentence says types, values and limits, which a stranger's document may have filled with anything."""

from __future__ import annotations

from .kinds import Json, Type


def described(kind: Type) -> str:
    """Return the type as a short text: `string or null`, `array of integer`, `object {name, title}`."""
    return " or ".join(_noun(name, more) for name, more in sorted(kind.items())) or "anything"


def _noun(kind: str, more: dict[str, Json]) -> str:
    if kind == "array":
        if "tuple" in more:
            return f"[{', '.join(described(part) for part in more['tuple'])}]"
        return f"array of {described(more['items'])}" if more.get("items") else "array"
    if kind == "object":
        if not more["fields"]:
            return f"map of {described(more['rest'])}" if "rest" in more else "object"
        names = list(more["fields"])
        return f"object {{{', '.join(map(shown, names[:4]))}{', …' if len(names) > 4 else ''}}}"
    if kind == "again":
        return "itself"
    if kind == "never":
        return "nothing"
    if "enum" in more:
        return listed(more["enum"])
    extra = more.get("time") or more.get("format")
    return f"{kind} ({shown(extra)})" if extra else kind


def listed(values: list[Json] | None) -> str:
    """Return the first six of `values` as alternatives: `'a' | 'b'`."""
    texts = [shown_value(value) for value in values or ()]
    return " | ".join(texts[:6]) + (" | …" if len(texts) > 6 else "")


def shown_limits(limits: dict[str, Json]) -> str:
    """Return `limits` as `maximum 9, minimum 1`."""
    return ", ".join(f"{name} {shown(value)}" for name, value in sorted(limits.items())) or "no limit"


def shown_condition(condition: list[Json]) -> str:
    """Return a condition that no type models: `pattern '^a'`, `not string`, `if object {a} …`."""
    keyword, *parts = condition
    if keyword == "enum":  # values, which may look like types
        return f"enum {listed(parts[0])}"
    return " ".join([shown(keyword), *(described(p) if isinstance(p, dict) else _part(p) for p in parts)])


def _part(part: Json) -> str:
    if isinstance(part, list) and all(isinstance(inner, dict) for inner in part):
        return " | ".join(described(inner) for inner in part[:6])
    return shown_value(part)


def shown_value(value: Json) -> str:
    """Return `value` as Python writes it."""
    return shown(repr(value))


def shown(text: object) -> str:
    """Return the `text` of a stranger, fit for one line of a terminal and between other words."""
    line = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(text)[:80])
    return line.replace("`", "'")
