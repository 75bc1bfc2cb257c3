"""Python names for what the wire calls its fields and paths."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from keyword import iskeyword

API_PREFIX = "/api/v2/"

_SEGMENT = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,79}")
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class NamingError(ValueError):
    """A name of the document cannot be a Python name; the text says which."""


def path_segments(path: str) -> tuple[str, ...]:
    """Give the parts of a path, `("projects", "stop")` for `/api/v2/projects/stop`.

    Raises:
        NamingError: the path has other than plain segments; it could lead out of the package.
    """
    segments = tuple(path.removeprefix(API_PREFIX).removeprefix("/").split("/"))
    if len(segments) > 8 or not all(_SEGMENT.fullmatch(segment) for segment in segments):
        raise NamingError(f"path {path!r:.200} is not made of plain segments")
    return segments


def segment_name(segment: str) -> str:
    """Give the attribute or module that a path segment becomes: dashes are underscores, `import` is `import_`."""
    name = segment.replace("-", "_")
    return f"{name}_" if iskeyword(name) else name


def field_name(wire: str) -> str:
    """Give the Python name of a field: `snake_case`, never a keyword, always an identifier."""
    name = _WORD_START.sub("_", re.sub(r"[^0-9A-Za-z]", "_", wire)).lower().strip("_")
    if not name or name[0].isdigit():
        name = f"field_{name}".rstrip("_")
    return f"{name}_" if iskeyword(name) else name


def field_names(wires: Iterable[str], reserved: Collection[str] = ()) -> dict[str, str]:
    """Give each field its own Python name, none of them `reserved`; later fields yield to earlier ones."""
    names: dict[str, str] = {}
    taken = set(reserved)
    for wire in wires:
        name = field_name(wire)
        while name in taken:
            name += "_"
        taken.add(name)
        names[wire] = name
    return names


def class_name(segments: Iterable[str]) -> str:
    """Give the class for a path: `ProjectsCollaborators` for `("projects", "collaborators")`."""
    words = (word for segment in segments for word in re.split("[-_]", segment))
    return "".join(word[:1].upper() + word[1:] for word in words)
