"""The table of refusals: every text with which a real server was recorded to say no, and the class that it has.

`python -m tests.calls.refusals` writes it, the table of wordings in the documentation, and the errors of each route for the reference; a test holds that
all are as they should be. What changes in them is to be read by a person before it is kept.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from pathlib import Path

from cocalc_facade._calls.answers import judge
from cocalc_facade._calls.meaning.words.table import WORDINGS
from cocalc_facade._calls.meaning.words.wording import Wording
from cocalc_facade._errors import APIError, CoCalcError
from cocalc_facade._wire.flow import Answer

from .exchanges import Recorded, every_exchange, recorded, route_of, without_key

TABLE = Path(__file__).parent / "expected" / "refusals.md"
PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
SEEN = Path(__file__).parents[2] / "openapi" / "refusals.json"
BEGIN = "<!-- the table of wordings, written by tests/calls/refusals.py -->\n"
END = "<!-- the end of the table of wordings -->\n"
LONGEST = 150
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{40}\b|\bb{40}\b")
PARSER = re.compile(r"(the answer is not JSON: ).*")  # whose words differ from Python to Python
IN_TABLE = str.maketrans({"`": "'", "|": "\\|"})


def error_of(exchange: Recorded) -> CoCalcError | None:
    return judge(Answer(exchange.status, exchange.headers, exchange.body), route_of(exchange))[1]


def table() -> str:
    """The texts by class, shortened, with how often each was recorded and on how many routes."""
    times: Counter[tuple[str, str]] = Counter()
    routes: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for exchange in every_exchange():
        error = error_of(exchange)
        if error is not None:
            key = (type(error).__name__, shortened(error.message).translate(IN_TABLE))
            times[key] += 1
            routes[key].add(exchange.path)
    classes = sorted({kind for kind, _ in times})
    lines = [
        "# Recorded refusals",
        "",
        *_files(),
        "",
        "| class | different texts | refusals |",
        "|---|---:|---:|",
    ]
    for kind in classes:
        texts = [text for name, text in times if name == kind]
        lines.append(f"| {kind} | {len(texts)} | {sum(times[kind, text] for text in texts)} |")
    for kind in classes:
        lines += ["", f"## {kind}", "", "| words | routes | times |", "|---|---|---:|"]
        for text in sorted(text for name, text in times if name == kind):
            where = sorted(routes[kind, text])
            shown = where[0] if len(where) == 1 else f"{where[0]} and {len(where) - 1} more"
            lines.append(f"| `{text}` | {shown} | {times[kind, text]} |")
    return "\n".join(lines) + "\n"


def _files() -> list[str]:
    """How many answers of each file are values, decoded without a departure, and how many are refusals."""
    lines = [
        "| file | answers | values | departures | refusals | of no class |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    files = {
        "recorded": recorded(),
        "second-meeting": recorded("second-meeting"),
        "every-route-without-key": without_key(),
        "newer-generation": recorded("newer-generation"),
    }
    for name, exchanges in files.items():
        errors = [error_of(exchange) for exchange in exchanges]
        departures: list[tuple[tuple[str | int, ...], str, str]] = []
        for exchange, error in zip(exchanges, errors, strict=True):
            if error is None:
                value, _ = judge(Answer(exchange.status, exchange.headers, exchange.body), route_of(exchange))
                route_of(exchange).decode(value, departures)
        refused = [error for error in errors if error is not None]
        counts = (
            len(errors),
            len(errors) - len(refused),
            len(departures),
            len(refused),
            sum(type(error) is APIError for error in refused),
        )
        lines.append(f"| {name}.jsonl | " + " | ".join(map(str, counts)) + " |")
    return lines


def seen() -> str:
    """The errors of each route of ours, with the words shortened, as the reference shows them."""
    found: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for exchange in every_exchange():
        error = error_of(exchange)
        if error is not None and route_of(exchange).operation is not None:
            found[exchange.path][type(error).__name__].add(shortened(error.message))
    listed = {
        path: {kind: sorted(words) for kind, words in sorted(kinds.items())}
        for path, kinds in sorted(found.items())
    }
    return json.dumps(listed, indent=1, ensure_ascii=False) + "\n"


def shortened(words: str) -> str:
    text = IDS.sub("…", " ".join(words.split())).replace("`", "'")
    text = PARSER.sub(r"\1…", text)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def page() -> str:
    """The page about errors, with the table of wordings as the code has it."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    rows = ["| words of the server, such as | said by | error |", "|---|---|---|"]
    rows += [_row(row) for row in WORDINGS]
    return before + BEGIN + "\n".join(rows) + "\n" + END + after


def _row(row: Wording) -> str:
    routes = row.routes if row.routes in ("any route", "throttled routes") else _paths(row.routes)
    words = row.example.translate(IN_TABLE)
    return f"| `{words}` | {routes} | {row.error.__name__} |"


def _paths(routes: str) -> str:
    return ", ".join(f"`{path}{'…' if path[-1] in '/-' else ''}`" for path in routes.split())


if __name__ == "__main__":
    TABLE.write_text(table(), "utf-8")
    PAGE.write_text(page(), "utf-8")
    SEEN.write_text(seen(), "utf-8")
