"""Python names for what the wire calls its routes and fields."""

import re
from keyword import iskeyword

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def method_name(route: str) -> str:
    """Return where the typed method of `route` is: `client.projects.copy_path` for `projects/copy-path`."""
    return ".".join(["client", *(attribute(re.sub(r"\W", "_", part)) for part in route.split("/"))])


def field_name(wire: str) -> str:
    """Return the Python name of the field `wire`: snake case, never a keyword, always an identifier."""
    name = _WORD.sub("_", re.sub(r"[^0-9A-Za-z]", "_", wire)).lower().strip("_")
    return attribute(f"field_{name}".rstrip("_") if not name or name[0].isdigit() else name)


def attribute(name: str) -> str:
    """Return `name` as an attribute: a keyword gets a trailing underscore."""
    return f"{name}_" if iskeyword(name) else name
