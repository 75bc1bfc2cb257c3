"""Python names for what a document names: paths, properties, classes.

The generator normalises every name once more; what comes from here is a fixed point of that.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from openapi_python_client.strings import ClassName, snake_case

from cocalc_facade._drift.names import attribute, field_name
from scripts.pipeline.document.anatomy import PREFIX
from scripts.pipeline.published import DocumentError

SEGMENT = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,79}")
MAX_SEGMENTS = 8
ROOT = "root"
# What every generated class has of its own; a field of that name would replace it, and is no attribute.
RESERVED_FIELDS = frozenset(
    {"additional_properties", "additional_keys", "to_dict", "from_dict", "self", "cls"}
)


def route(path: str) -> str:
    """The path of an operation as users know it: `/api/v2/projects/stop` is `projects/stop`.

    Raises:
        DocumentError: the path does not begin with /api/v2/ or holds what has no place in a path or a name.
    """
    if not path.startswith(PREFIX):
        raise DocumentError(f"the path does not begin with {PREFIX}", path)
    name = path.removeprefix(PREFIX)
    segments = name.split("/")
    if len(segments) > MAX_SEGMENTS or not all(SEGMENT.fullmatch(segment) for segment in segments):
        raise DocumentError("the path is not made of letters, digits, dashes and slashes as routes are", path)
    return name


def segments_of(path: str) -> tuple[str, ...]:
    """The parts of a path: `("projects", "stop")` for `/api/v2/projects/stop`; `DocumentError` as in `route`."""
    return tuple(route(path).split("/"))


def python_path(name: str) -> tuple[str, ...]:
    """The attributes that lead to an operation: `projects/copy-path` is `("projects", "copy_path")`."""
    return tuple(python_name(segment) for segment in name.split("/"))


def python_name(segment: str) -> str:
    """A segment of a path as an attribute: dashes become underscores, a keyword gets a trailing one."""
    return attribute(segment.replace("-", "_"))


def group(name: str) -> str:
    """The tag of an operation: all segments but the last, `root` for those that have one only."""
    folders = name.split("/")[:-1]
    return "_".join(segment.replace("-", "_") for segment in folders) or ROOT


def words(text: str) -> list[str]:
    """The words of a name in whatever case: `minDiskSizeGb` is `["Min", "Disk", "Size", "Gb"]`."""
    return [word[0].upper() + word[1:].lower() for word in snake_case(text).split("_") if word]


def class_name(parts: Sequence[str]) -> str:
    """One class name from words, and the same one however often it is normalised."""
    return _class_name("".join(parts) or "Value")


@lru_cache(maxsize=10_000)
def _class_name(name: str) -> str:
    for _ in range(5):
        wanted = str(ClassName(name, "Api"))
        if wanted.endswith("_"):
            wanted = f"{wanted.rstrip('_')}Value"
        if wanted == name:
            break
        name = wanted
    return name


def is_class_name(name: str) -> bool:
    """Tell whether the generator would take `name` for a class as it is."""
    return name.isascii() and name.isidentifier() and class_name([name]) == name


def field_names(wires: Iterable[str], reserved: Collection[str] = ()) -> dict[str, str]:
    """Each field with a Python name of its own, none of them `reserved`; later fields yield to earlier ones."""
    names: dict[str, str] = {}
    taken = set(reserved)
    for wire in wires:
        name = field_name(wire)
        while name in taken:
            name += "_"
        taken.add(name)
        names[wire] = name
    return names


def resource_class(segments: Iterable[str]) -> str:
    """The class of the routes below a path: `ProjectsCollaborators` for `("projects", "collaborators")`."""
    parts = (part for segment in segments for part in re.split("[-_]", segment))
    return "".join(part[:1].upper() + part[1:] for part in parts)


def singular(parts: list[str]) -> list[str] | None:
    """The words for one of what `parts` name in the plural; None when they do not look like a plural."""
    if not parts:
        return None
    *head, last = parts
    for plural, one in (
        ("ies", "y"),
        ("sses", "ss"),
        ("xes", "x"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("ses", "se"),
    ):
        if last.lower().endswith(plural) and len(last) > len(plural) + 1:
            return [*head, last[: -len(plural)] + one]
    if last.lower().endswith("s") and len(last) > 3 and not last.lower().endswith(("ss", "us", "is")):
        return [*head, last[:-1]]
    return None
