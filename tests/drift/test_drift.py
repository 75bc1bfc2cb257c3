"""`client.check_schema()`: does this server still publish what the client was made from?"""

import json
import sys
from pathlib import Path

import pytest

from cocalc_facade import SCHEMA, AsyncCoCalc, CoCalc, UnexpectedResponse
from cocalc_facade._drift.change import Severity
from cocalc_facade._drift.contract import contract
from cocalc_facade._drift.drift import made_from
from tests.pipeline.web import http, web

ROOT = Path(__file__).parent.parent.parent
PINNED = json.loads((ROOT / "openapi" / "upstream.json").read_text())
KEY = "sk-0123456789abcdefABCD000001"


def altered() -> dict:
    document = json.loads(json.dumps(PINNED))
    del document["paths"]["/api/v2/projects/stop"]
    document["paths"]["/api/v2/projects/halt"] = {"post": {"responses": {}}}
    return document


def test_the_client_knows_the_very_document_that_is_pinned():
    assert made_from() == contract(PINNED)
    assert SCHEMA.operations >= len(made_from())


@pytest.mark.parametrize("base", ["", "/6a8b/port/5000"])
def test_an_unchanged_server_gives_an_empty_report(base):
    with web({f"{base}/openapi.json": http(json.dumps(PINNED).encode())}) as server:
        with CoCalc(KEY, server.url + base) as client:
            found = client.check_schema()
        assert not found
        assert found.severity is Severity.INVISIBLE
        sent = b"".join(server.requests)
    assert b"GET" in sent
    assert b"authorization" not in sent.lower()
    assert KEY.encode() not in sent


def test_a_changed_server_is_reported_as_compare_would():
    with (
        web({"/openapi.json": http(json.dumps(altered()).encode())}) as server,
        CoCalc(KEY, server.url) as client,
    ):
        found = client.check_schema()
    assert [(change.name, change.what) for change in found.changes] == [
        ("client.projects.halt", "added"),
        ("client.projects.stop", "removed"),
    ]
    assert found.severity is Severity.BREAKING
    assert "client.projects.stop is gone" in str(found)


async def test_the_async_client_reports_the_same():
    with web({"/openapi.json": http(json.dumps(altered()).encode())}) as server:
        async with AsyncCoCalc(KEY, server.url) as client:
            found = await client.check_schema()
    assert len(found.changes) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"error":"down"}',
        b'{"paths":{}}',
        b'{"paths":',
        b"<!DOCTYPE html>",
        b"[" * 100_000,
        b"\xff",
        b"null",
    ],
)
def test_what_is_no_document_is_an_error_of_ours(body):
    expected = pytest.raises(UnexpectedResponse, match=r"openapi\.json")
    with (
        web({"/openapi.json": http(body)}) as server,
        CoCalc(KEY, server.url, max_retries=0) as client,
        expected,
    ):
        client.check_schema()


def test_the_comparison_needs_nothing_but_what_the_wheel_holds():
    import subprocess

    code = (
        "import sys; import cocalc_facade._drift;"
        "print(sorted({n.partition('.')[0] for n in sys.modules} & {'scripts', 'yaml', 'jsonschema', 'openapi_python_client'}))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
