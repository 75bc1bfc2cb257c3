"""What the stand-in knows agrees with what the client is made from."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from scripts.pipeline import examples

ROOT = Path(__file__).parents[2]
DATA = ROOT / "cocalc_facade" / "testing" / "data"


def test_examples_and_the_published_document_are_current() -> None:
    documents = [
        json.loads((ROOT / "openapi" / name).read_text("utf-8")) for name in ("client.json", "upstream.json")
    ]
    for name, text in examples.files(*documents).items():
        assert (ROOT / name).read_text("utf-8") == text, "run `make regenerate` and commit"


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
