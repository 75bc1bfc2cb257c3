"""The reference of routes: a page for each group below `docs/reference/routes`, from what docstrings are made of.

What the document says of a route was written by others. It is put on a page as words: nothing in it makes a link, a heading or a directive.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.pipeline.document.names import ROOT, file_name
from scripts.pipeline.facts import Newer
from scripts.pipeline.generate.calls import Operation
from scripts.pipeline.generate.prose import capabilities
from scripts.pipeline.generate.telling import summary
from scripts.pipeline.inertness.page import PREAMBLE, TREE
from scripts.pipeline.overlay import read_yaml
from scripts.pipeline.published import DocumentError
from scripts.pipeline.reference.markdown import prose
from scripts.pipeline.reference.program import Chosen, Examples
from scripts.pipeline.reference.route import Refusals, section

_HEAD = f"""\
# Reference of routes

What each route of the server takes, answers, costs and refuses. Written by `scripts/regenerate.py` from `openapi/client.json`; not edited by hand.

A route is a method named after its path: `projects/copy-path` is `client.projects.copy_path(…)`. Arguments are given by name. The
[table of all routes](../../coverage.md) compares them.

The examples begin with a stand-in server, so they need no key and harm nothing:

```python
{PREAMBLE}```

With a real server, `client = CoCalc()` takes the key from `COCALC_API_KEY`. `admin` has the key of an administrator, `by_project` the key of
a project. Where nothing else is said, a call ends after the `timeout` of the client, 120 s. In an answer, a field is `None` when the server did not send it, unless it is said to be always there.
"""

_NEWER = """\
## Routes that only newer servers have

Known as of {date}. They have no method; `client.call("news/get")` calls them. In brackets stands what a key must be able to.
"""


def read_examples(place: Path) -> dict[str, Chosen]:
    """Give the calls that were chosen by hand, by route; none without the file.

    Raises:
        DocumentError: an entry is not of the form; the text names its route.
    """
    content = read_yaml(place) if place.exists() else {}
    if not isinstance(content, dict):
        raise DocumentError("an entry for each route is expected", place.name)
    return {route: Chosen.read(given, place.name, route) for route, given in content.items()}


def read_refusals(place: Path) -> Mapping[str, Refusals]:
    """Give the errors that were seen, by route; none without the file."""
    found: dict[str, Refusals] = json.loads(place.read_text(encoding="utf-8")) if place.exists() else {}
    return found


def reference(
    operations: Iterable[Operation],
    chosen: Mapping[str, Chosen],
    refusals: Mapping[str, Refusals],
    newer: Newer,
) -> dict[str, str]:
    """Give the pages by the names of their files."""
    by_path = {operation.path: operation for operation in operations}
    examples = Examples(by_path, chosen)
    groups: dict[str, list[Operation]] = {}
    for path in sorted(by_path):
        groups.setdefault(_group(by_path[path]), []).append(by_path[path])
    taken = {"index"}
    names = {group: f"{file_name(group, taken)}.md" for group in sorted(groups, key=lambda one: one != ROOT)}
    pages = {"index.md": _index(groups, names, newer)}
    for group, members in groups.items():
        parts = [section(operation, examples, refusals.get(operation.path, {})) for operation in members]
        pages[names[group]] = "\n".join([_title(group, members), *parts])
    return pages


def _group(operation: Operation) -> str:
    """The first word of a path; a route named `root/…` is no route of one word."""
    first, *rest = operation.segments
    return (f"{first}_" if first == ROOT else first) if rest else ROOT


def _title(group: str, members: Sequence[Operation]) -> str:
    if group != ROOT:
        return f"# Routes: {group}\n"
    return f"# Routes of one word\n\n{', '.join(f'`{operation.path}`' for operation in members)}.\n"


def _index(groups: Mapping[str, list[Operation]], names: Mapping[str, str], newer: Newer) -> str:
    lines = [_HEAD]
    for group, members in groups.items():
        name = "Routes of one word" if group == ROOT else group
        lines += [f"## {name}", ""]
        for operation in members:
            anchor = operation.path.lower().replace("/", "")
            told = prose(summary(operation.path, operation.data))
            lines.append(f"- [`{operation.path}`]({names[group]}#{anchor}): {told}")
        lines.append("")
    lines.append(_NEWER.format(date=newer.as_of))
    lines += [f"- `{route}` ({_able(words)})" for route, words in sorted(newer.routes.items())]
    return "\n".join([*lines, "", TREE])


def _able(words: Any) -> str:
    told = capabilities(list(words)) or []
    plain = {"none": "needs no key", "never": "refused to every key"}
    return plain.get(" ".join(told)) or " and ".join(f"`{word}`" for word in told)
