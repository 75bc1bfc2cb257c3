"""Overlay: corrections of what is published, as OpenAPI Overlay 1.0, each with its reason.

An action that finds its route and has no effect is an error: corrections that the server has caught up with must not
linger. An action for a route that is gone lapses with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonpath_rfc9535
import yaml
from jsonpath_rfc9535 import JSONPathError, JSONPathQuery
from jsonpath_rfc9535.selectors import NameSelector

from scripts.pipeline.document.anatomy import PREFIX, Json, check_bounds
from scripts.pipeline.published import Document, DocumentError, printable

if TYPE_CHECKING:
    from yaml import SafeLoader
else:
    try:
        from yaml import CSafeLoader as SafeLoader
    except ImportError:
        # PyYAML was built without libyaml; its own parser reads the same, several times as slowly.
        from yaml import SafeLoader


class Overlaid(NamedTuple):
    """A corrected document, how many actions corrected it, and which had nothing to correct.

    `lapsed` names the routes that the document lacks, with how many actions were for each; `idle` the actions that do not fit a document.
    """

    document: Document
    actions: int
    lapsed: dict[str, int]
    idle: tuple[str, ...]


class IdleActionsError(DocumentError):
    """Actions find their routes and correct nothing: `actions` tells of each, in a line."""

    def __init__(self, actions: Sequence[str]) -> None:
        super().__init__("; ".join(actions))
        self.actions = tuple(actions)


class _UniqueKeyLoader(SafeLoader):
    """YAML's safe part, without the habit of letting the last of two equal keys win."""


def _mapping(loader: _UniqueKeyLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key!r} stands here twice", key_node.start_mark
            )
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_UniqueKeyLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(path: Path) -> Json:
    """The JSON that a YAML file stands for; two equal keys, tags and aliases that explode are refused.

    Raises:
        DocumentError: naming the file and the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
        # The loader is a SafeLoader.
        content = yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError) as problem:
        raise DocumentError(printable(" ".join(str(problem).split()), 300), path.name) from None
    check_bounds(content)
    return content


def overlay(document: Document, corrections: Json, *, any_server: bool = False) -> Overlaid:
    """The repaired `document` with every action of the overlay document `corrections` applied, in order.

    Merging is that of the Overlay specification: objects merge, lists are appended to, anything else is
    replaced. To replace a whole schema, remove it (or the keyword that is wrong) first, then update.

    An action is for the route that its target names, or for those in its `x-cocalc-route`. When the document has none of them, the action
    lapses. With `any_server` the document may be another server's: an action that finds its route and has no effect is
    left out, too, and named in `idle`.

    Raises:
        IdleActionsError: actions find their routes and match or change nothing; it names all of them.
        DocumentError: the overlay is malformed.
    """
    result = deepcopy(document)
    actions = _actions(corrections)
    lapsed: Counter[str] = Counter()
    idle: list[str] = []
    paths = {path: path for path in document.get("paths", {})}
    respelled = {_plain(path): path for path in paths}
    for index, action in enumerate(actions):
        name = f"overlay action {index} ({action['target']}): {action['description']}"
        try:
            query = jsonpath_rfc9535.compile(action["target"])
            target = action["target"]
            routes = _routes(action, query)
            if routes and not any(route in paths for route in routes):
                again = respelled.get(_plain(routes[0]))
                if again is None:
                    lapsed.update(route.removeprefix(PREFIX) for route in routes)
                    continue
                target = target.replace(repr(routes[0]), repr(again))
            matches = list(jsonpath_rfc9535.find(target, result))
        except (JSONPathError, RecursionError) as problem:
            raise DocumentError(f"{printable(problem)} in {printable(name, 400)}") from None
        changed = False
        for node in reversed(matches):
            changed |= _apply(result, node.location, action)
        if not changed:
            what = "nothing changes by" if matches else "nothing matches"
            idle.append(f"{what} {printable(name, 400)}")
    if idle and not any_server:
        raise IdleActionsError(idle)
    return Overlaid(result, len(actions) - len(idle) - lapsed.total(), dict(lapsed), tuple(idle))


def _routes(action: dict[str, Any], query: JSONPathQuery) -> list[str]:
    """Return the paths that an action is for; none when it is for the whole document."""
    said = action.get("x-cocalc-route")
    if said is not None:
        return [PREFIX + route for route in (said if isinstance(said, list) else [said])]
    steps = [
        segment.selectors[0].name
        for segment in query.segments[:2]
        if len(segment.selectors) == 1 and isinstance(segment.selectors[0], NameSelector)
    ]
    return [steps[1]] if len(steps) == 2 and steps[0] == "paths" and steps[1].startswith(PREFIX) else []


def _plain(path: str) -> str:
    """Return what two spellings of one path have in common."""
    return path.replace("-", "").replace("_", "").lower()


def _actions(corrections: Json) -> list[dict[str, Any]]:
    if not isinstance(corrections, dict) or not str(corrections.get("overlay")).startswith("1.0"):
        raise DocumentError("not an OpenAPI Overlay 1.0 document")
    info = corrections.get("info")
    if not isinstance(info, dict) or not all(isinstance(info.get(key), str) for key in ("title", "version")):
        raise DocumentError("the overlay has no info with title and version")
    actions = corrections.get("actions")
    if not isinstance(actions, list) or not actions:
        raise DocumentError("the overlay has no actions")
    for index, action in enumerate(actions):
        if not isinstance(action, dict) or set(action) - {
            "target",
            "description",
            "update",
            "remove",
            "x-cocalc-route",
        }:
            raise DocumentError(
                "an action is an object of target, description and update or remove", "overlay", index
            )
        for key in ("target", "description"):
            if not isinstance(action.get(key), str) or not action[key].strip():
                raise DocumentError(f"the action has no {key}", "overlay", index)
        routes = action.get("x-cocalc-route", [])
        if not all(isinstance(route, str) for route in (routes if isinstance(routes, list) else [routes])):
            raise DocumentError("x-cocalc-route is a route, or a list of them", "overlay", index)
        if ("update" in action) == (action.get("remove") is True):
            raise DocumentError(
                "the action has to either update or remove", "overlay", index, action["target"]
            )
    return actions


def _apply(document: Document, location: tuple[int | str, ...], action: dict[str, Any]) -> bool:
    if not location:
        raise DocumentError("an action on the whole document", "overlay", action["target"])
    parent: Any = document
    for step in location[:-1]:
        parent = parent[step]
    key = location[-1]
    if action.get("remove") is True:
        del parent[key]
        return True
    merged = _merge(parent[key], action["update"])
    changed = bool(merged != parent[key])
    parent[key] = merged
    return changed


def _merge(old: Json, new: Json) -> Json:
    if isinstance(old, dict) and isinstance(new, dict):
        result = dict(old)
        for key, value in new.items():
            result[key] = _merge(old[key], value) if key in old else deepcopy(value)
        return result
    if isinstance(old, list):
        return [*old, *(deepcopy(new) if isinstance(new, list) else [deepcopy(new)])]
    return deepcopy(new)
