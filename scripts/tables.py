"""Turn `openapi/tables.yaml`, what user-query offers, into the data module `cocalc_facade/_jobs/tables.py`.

`python scripts/tables.py` writes it; with `--check` it writes nothing and exits 1 when the module is out of date.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "openapi" / "tables.yaml"
TARGET = ROOT / "cocalc_facade" / "_jobs" / "tables.py"

TYPES = {"uuid", "text", "integer", "number", "boolean", "time", "map", "list", "any"}
KEYS = {"scope", "limit", "order", "form", "key", "anonymous", "read", "write"}

HEAD = '''\
"""The tables of user-query: fields, types, limits and whose rows they give. Made by scripts/tables.py from openapi/tables.yaml."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias


class Table(NamedTuple):
    """One table: `read` maps its fields to their types, `write` names the fields that a write may set."""

    name: str
    scope: str
    read: dict[str, str]
    write: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    limit: int | None = None
    order: str | None = None
    form: Literal["single", "many"] | None = None
    anonymous: bool = False


'''


def check(name: str, entry: dict[str, Any]) -> None:
    """Refuse an entry that does not say what the module needs, naming the table and the part."""
    unknown = set(entry) - KEYS
    if unknown:
        raise ValueError(f"tables.yaml: {name} has an unknown part {min(unknown)!r}")
    if not isinstance(entry.get("scope"), str) or not entry.get("read"):
        raise ValueError(f"tables.yaml: {name} needs scope and read")
    for field, kind in entry["read"].items():
        if kind not in TYPES:
            raise ValueError(f"tables.yaml: {name}.{field} has the unknown type {kind!r}")
    if entry.get("form") not in {None, "single", "many"}:
        raise ValueError(f"tables.yaml: {name}.form is neither single nor many")


def render(tables: dict[str, dict[str, Any]]) -> str:
    """Give the text of the module for what the data file holds."""
    rows = []
    for name, entry in sorted(tables.items()):
        check(name, entry)
        parts = [repr(name), repr(" ".join(entry["scope"].split())), repr(entry["read"])]
        parts += [f"{part}={tuple(entry[part])!r}" for part in ("write", "key") if part in entry]
        parts += [
            f"{part}={entry[part]!r}" for part in ("limit", "order", "form", "anonymous") if part in entry
        ]
        rows.append(f"{name!r}: Table({', '.join(parts)})")
    names = ", ".join(repr(name) for name in sorted(tables))
    text = (
        f"{HEAD}TableName: TypeAlias = Literal[{names}]\n\nTABLES: dict[str, Table] = {{{', '.join(rows)}}}\n"
    )
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(TARGET), "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own text


def main(arguments: list[str] | None = None) -> int:
    """Write the module, or with --check say whether it is current."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 when the module is out of date"
    )
    options = parser.parse_args(arguments)
    text = render(yaml.safe_load(SOURCE.read_text(encoding="utf-8")))
    if options.check:
        current = TARGET.exists() and TARGET.read_text(encoding="utf-8") == text
        print("current" if current else f"{TARGET.name} is out of date: run python scripts/tables.py")
        return 0 if current else 1
    partial = TARGET.with_suffix(".py.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(TARGET)
    return 0


if __name__ == "__main__":
    sys.exit(main())
