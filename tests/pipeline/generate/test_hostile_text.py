"""Text made to break out of the generated code stays text, or is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.pipeline.generate import GenerationError, generate
from scripts.pipeline.generate.kinds import SchemaError
from scripts.pipeline.inertness import check_inert
from scripts.pipeline.published import DocumentError
from scripts.pipeline.reconcile import reconcile
from tests.pipeline.shaped import NOWHERE, TEXT, made_up, obj, operation, ref

NASTY = [
    '"""\nimport os; os._exit(7)\n"""',
    "'''\\",
    "\\",
    '"',
    "\\N{DASH}\\x0",
    "#\nraise SystemExit(7)\n",
    "{{ 7 * 7 }}{% raw %}",
    "\u202e\u2066\x00\x1b[31m",
    "x\rraise SystemExit(7)",
    "]\n\n\nraise SystemExit(7)",
    "\u2028import os",
    "__import__('os')",
    "x" * 3000,
]


def hostile(text: str) -> dict[str, Any]:
    document = made_up()
    feed = document["paths"]["/api/v2/zoo/feed"]["post"]
    feed |= {"summary": text, "description": text, "x-cocalc-confirm": text, "x-cocalc-fails": text}
    feed["x-cocalc-auth"] = text
    feed["x-cocalc-failure"] = [text]
    feed["x-cocalc-rate-limit"] = {text: 1}
    request = document["components"]["schemas"]["ZooFeedRequest"]["properties"]
    request["nasty"] = {"type": "string", "description": text, "default": text, "enum": [text, "b"]}
    request[text] = {"type": "string"}
    answer = document["components"]["schemas"]["Animal"]
    answer["description"] = text
    answer["properties"][text] = {"type": "string", "const": text, "description": text}
    return document


@pytest.mark.parametrize("text", NASTY)
def test_text_made_to_break_out_stays_text(text: str, tmp_path: Path) -> None:
    generate(hostile(text), tmp_path / "cocalc_v2", NOWHERE)
    check_inert(tmp_path / "cocalc_v2")
    table: dict[str, Any] = {}
    exec((tmp_path / "cocalc_v2" / "operation_rows.py").read_text(encoding="utf-8"), table)
    [fed] = [row for row in map(json.loads, table["ROWS"].strip().split("\n")) if row[0] == "zoo/feed"]
    assert text in [field[0] for field in fed[2]]


def test_a_client_made_of_nasty_text_imports_and_is_complete(tmp_path: Path) -> None:
    document = hostile("".join(NASTY))
    generate(document, tmp_path / "cocalc_v2", NOWHERE)
    assert reconcile(document, tmp_path / "cocalc_v2").operations == 4


@settings(max_examples=8)
@given(text=st.text(max_size=40))
def test_any_text_gives_inert_code_or_a_refusal(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("hostile") / "cocalc_v2"
    try:
        generate(hostile(text), folder, NOWHERE)
    except (GenerationError, DocumentError, SchemaError):
        return
    check_inert(folder)


@pytest.mark.parametrize(
    "path",
    [
        "../../etc/passwd",
        "/api/v2/../x",
        "/api/v2/a/../../b",
        "/api/v2/",
        "/api/v2/__",
        "/api/v2/a b",
        "/api/v2/a\n",
        "/api/v2/é",
        "/api/v2/{id}",
        "/api/v2/" + "a" * 200,
    ],
)
def test_a_path_that_is_no_name_is_refused(path: str, tmp_path: Path) -> None:
    document = made_up()
    document["paths"][path] = operation({})
    with pytest.raises((DocumentError, GenerationError)):
        generate(document, tmp_path / "cocalc_v2", NOWHERE)
    assert list(tmp_path.iterdir()) == []


def test_paths_that_would_share_a_name_are_refused(tmp_path: Path) -> None:
    document = made_up()
    document["paths"] |= {"/api/v2/a/foo-bar": operation({}), "/api/v2/a/foo_bar": operation({})}
    with pytest.raises(DocumentError, match=r"both be called 'a\.foo_bar'"):
        generate(document, tmp_path / "cocalc_v2", NOWHERE)


@pytest.mark.parametrize(
    "schema",
    [
        ref("Missing"),
        {"$ref": "https://example.com/x.json"},
        {"$ref": "#/paths"},
        ref("Loop"),
        obj(name=TEXT),
    ],
)
def test_references_that_lead_nowhere_and_nameless_objects_are_refused(schema: Any, tmp_path: Path) -> None:
    document = made_up()
    document["components"]["schemas"]["Loop"] = {"type": "array", "items": ref("Loop")}
    document["paths"]["/api/v2/a/b"] = operation(schema)
    with pytest.raises((SchemaError, GenerationError)):
        generate(document, tmp_path / "cocalc_v2", NOWHERE)
