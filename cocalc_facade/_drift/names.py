"""Python names for what the wire calls its routes and fields."""

import re
from collections.abc import Collection, Iterable, Mapping
from keyword import iskeyword

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
LONGEST = 120
ITERATOR = "iter_"

MEMBERS = frozenset(
    {
        "AsyncRawRoot", "AsyncRoot", "RawRoot", "Root", "aclose", "can", "call", "cart", "check_schema", "close", "compile_latex", "course", "describe", "download", "email_of",
        "ensure_project", "evaluate", "find_account", "find_project", "from_profile", "generation", "iter_purchases", "kernels", "keys", "list_accounts", "list_directory", "managed_licenses",
        "map", "mismatches", "project", "planned", "projects_of", "query", "routes", "run", "stop_command", "update", "upload", "wait_for_command", "wait_for_project",
        "wait_for_projects", "walk_directory", "whoami", "with_options", "with_raw_response",
    }
)  # fmt: skip
"""What the clients, and the classes of all routes, have of their own. A route that begins so gets a trailing underscore there: `client.run_`."""


def method_name(route: str) -> str:
    """Return where the typed method of `route` is: `client.projects.copy_path` for `projects/copy-path`."""
    return f"client.{'.'.join(route_attributes(route))}"


def route_attributes(route: str) -> tuple[str, ...]:
    """Return the attributes that lead from a client to `route`, as long as no other route has them."""
    first, *rest = map(segment_name, route.split("/"))
    return (f"{first}_" if first in MEMBERS else first, *rest)


def segment_name(segment: str) -> str:
    """Return a part of a route as an attribute: dashes become underscores, none leads, a keyword gets a trailing one.

    So does what begins like the iterators over lists in pages, `client.messages.iter_get`, whether or not the list has one today.
    """
    name = re.sub(r"\W", "_", segment).lstrip("_")
    if name.startswith(ITERATOR):
        return f"{name}_"
    return attribute(f"route_{name}".rstrip("_") if not name or name[0].isdigit() else name)


def field_name(wire: str) -> str:
    """Return the Python name of the field `wire`: snake case, never a keyword, always an identifier."""
    name = _WORD.sub("_", re.sub(r"[^0-9A-Za-z]", "_", wire)).lower().strip("_")[:LONGEST].rstrip("_")
    return attribute(f"field_{name}".rstrip("_") if not name or name[0].isdigit() else name)


def field_names(
    wires: Iterable[str], reserved: Collection[str] = (), released: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return each field of one object with a Python name of its own, whatever the order in which they are given.

    Args:
        wires: the fields by their names on the wire.
        reserved: names that none may have.
        released: the names that fields of this object have had: they keep them, also when only their spelling changed.
    """
    live = sorted(set(wires), key=lambda wire: (field_name(wire) != wire, wire))
    wanted = {**(released or {}), **successors(released or {}, live)}
    names: dict[str, str] = {}
    taken = set(reserved)
    for wire in [*(w for w in live if w in wanted), *(w for w in live if w not in wanted)]:
        name = wanted.get(wire) or field_name(wire)
        while name in taken:
            name += "_"
        taken.add(name)
        names[wire] = name
    return names


def successors(released: Mapping[str, str], live: Iterable[str]) -> dict[str, str]:
    """Return what is new among `live` and is only another spelling of what is gone, with the name of that."""
    here = set(live)
    came = here - released.keys()
    gone = released.keys() - here if came else ()
    return {new: released[old] for old, new in respelled(gone, came).items()}


def respelled(gone: Iterable[str], came: Iterable[str]) -> dict[str, str]:
    """Return which of the names that went are there again in another spelling: `fooBar` as `foo-bar`."""
    by_spelling: dict[str, list[str]] = {}
    for name in sorted(came, reverse=True):
        by_spelling.setdefault(spelling(name), []).append(name)
    found = {}
    for name in sorted(gone):
        if others := by_spelling.get(spelling(name)):
            found[name] = others.pop()
    return found


def spelling(name: str) -> str:
    """Return what is left of a name when case, dashes, underscores and other signs do not count."""
    return re.sub(r"[^\w/]|_", "", name).casefold() or name


def attribute(name: str) -> str:
    """Return `name` as an attribute: a keyword gets a trailing underscore."""
    return f"{name}_" if iskeyword(name) else name
