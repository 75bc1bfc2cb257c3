"""Python names for what a document names: paths, properties, classes.

The generator normalises every name once more; what comes from here is a fixed point of that.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from keyword import iskeyword

from openapi_python_client.strings import ClassName, snake_case

from scripts.pipeline.document.anatomy import PREFIX
from scripts.pipeline.published import DocumentError

SEGMENT = re.compile(r"(?=[_-]*[A-Za-z0-9])[A-Za-z0-9_-]{1,80}")
MAX_SEGMENTS = 8
LONGEST = 120
ROOT = "root"
# What every generated class has of its own or uses by that name in its body; a field of that name would replace it.
RESERVED_FIELDS = frozenset(
    {
        "additional_properties", "additional_keys", "to_dict", "from_dict", "self", "cls",
        "builtins", "classmethod", "datetime", "define", "field", "unknown",
    }
)  # fmt: skip
# Those, and what every method has as an argument.
RESERVED_ARGUMENTS = RESERVED_FIELDS | {"confirm"}
# What generated modules import or build on; a class of that name would hide it.
RESERVED_CLASSES = frozenset(
    {
        "ABSENT", "Answer", "AsyncPages", "Pages", "Any", "AuthenticatedClient", "Client", "ClassVar", "DEPARTURES", "Found", "Group", "HTTPStatus",
        "Literal", "Mapping", "Reader", "RecursionError", "Request", "Response", "Sequence", "TYPE_CHECKING", "UNSET",
        "UUID", "Unset", "Uuid", "Values",
    }
)  # fmt: skip
# What modules of classes import, or `models` has, and may call `_each` where a class has a field `each`; so no module is called that.
RESERVED_MODULES = frozenset(
    {
        "annotations", "builtins", "clients", "copied", "datetime", "deprecated", "differs", "each", "each_value", "encode",
        "exact_epoch_ms", "exact_epoch_s", "httpx", "import_module", "models", "new", "parse_iso", "pick", "raw", "raw_async",
        "read_any", "read_array", "read_boolean", "read_epoch_ms", "read_epoch_s", "read_integer", "read_iso", "read_null",
        "read_number", "read_object", "read_string", "resources", "rows", "too_deep", "within", "word",
    }
)  # fmt: skip
_DEVICES = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]", re.IGNORECASE)


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


def group(name: str) -> str:
    """The tag of an operation: all segments but the last, `root` for those that have one only."""
    folders = name.split("/")[:-1]
    return "_".join(segment.replace("-", "_") for segment in folders) or ROOT


def file_name(name: str, taken: set[str]) -> str:
    """A module's name on every file system: not too long, no device of Windows, none of `taken`, where it is put."""
    name = name.lower()
    if len(name) > LONGEST:
        name = f"{name[: LONGEST - 11]}_{_digits(name)}"
    if iskeyword(name) or _DEVICES.fullmatch(name) or name.startswith("__"):
        name += "_"
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _digits(text: str) -> int:
    """A number of at most ten digits that stands for a text."""
    return zlib.crc32(text.encode())


def words(text: str) -> list[str]:
    """The words of a name in whatever case: `minDiskSizeGb` is `["Min", "Disk", "Size", "Gb"]`."""
    plain = re.sub(r"[^0-9A-Za-z]+", "_", text)
    return [word[0].upper() + word[1:].lower() for word in snake_case(plain).split("_") if word]


def class_name(parts: Sequence[str]) -> str:
    """One class name from words, and the same one however often it is normalised."""
    return _class_name(re.sub(r"[^0-9A-Za-z_.-]", "", "".join(parts)) or "Value")


@lru_cache(maxsize=10_000)
def _class_name(name: str) -> str:
    for _ in range(5):
        wanted = str(ClassName(name, "Api"))
        if wanted.endswith("_"):
            wanted = f"{wanted.rstrip('_')}Value"
        if wanted == name:
            break
        name = wanted
    return name if len(name) <= LONGEST else _class_name(f"{name[: LONGEST - 20]}{_digits(name)}")


def is_class_name(name: str) -> bool:
    """Tell whether the generator would take `name` for a class as it is."""
    return name.isascii() and name.isidentifier() and class_name([name]) == name


def resource_class(segments: Iterable[str]) -> str:
    """The class of the routes below a path: `ProjectsCollaborators` for `("projects", "collaborators")`."""
    parts = (part for segment in segments for part in re.split("[-_]", segment))
    return "".join(part[:1].upper() + part[1:] for part in parts)[:LONGEST]


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
