"""What the stand-in knows agrees with what the client is made from."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
DATA = ROOT / "cocalc_facade" / "testing" / "data"


def test_examples_and_the_published_document_are_current() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "pipeline" / "examples.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_every_route_of_the_client_is_answered() -> None:
    routes = {
        path.removeprefix("/api/v2/")
        for path in json.loads((ROOT / "openapi" / "client.json").read_text("utf-8"))["paths"]
    }
    known = {*json.loads((DATA / "anonymous.json").read_text("utf-8")), "customize", "news/list"}
    assert routes == known


def test_the_tables_are_those_of_the_typed_queries() -> None:
    tables = json.loads((DATA / "tables.json").read_text("utf-8"))
    documented = yaml.safe_load((ROOT / "openapi" / "tables.yaml").read_text("utf-8"))
    for name, row in documented.items():
        assert set(row["read"]) == set(tables[name]["get"]), name
        assert set(row.get("write", ())) <= set(tables[name].get("set", ())) | set(
            tables[name].get("key", ())
        ), name
        assert row.get("limit") == tables[name].get("limit"), name
