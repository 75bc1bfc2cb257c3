"""What makes the client fast, as counts that no busy machine changes."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import ssl
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from cocalc_v2.api.purchases.get_purchases import decode
from cocalc_v2.types import Recent, Rows

from cocalc_facade import AsyncCoCalc, CoCalc
from cocalc_facade._calls.decoding.columns import Layout
from cocalc_facade._calls.decoding.pieces import typed
from cocalc_facade._calls.decoding.rows import FIRST, PIECE
from cocalc_facade._calls.routes import Routes
from cocalc_facade._wire.flow import Answer
from scripts.benchmarks.growth.export import exported
from scripts.benchmarks.start import PROJECT

from .steps import OURS, python_calls

KEY = "sk-0000000000000001"
WIRE = ("httpx", "httpcore", "h11")


@pytest.fixture(autouse=True)
def _no_connection_grows_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls in a row share a connection, however long a busy machine takes between them."""
    monkeypatch.setattr("cocalc_facade._wire.transport.IDLE", 600.0)


def purchase(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "time": "2026-01-02T03:04:05.678Z",
        "cost": 1.5,
        "service": "license",
        "notes": None,
    }


def test_the_memory_of_an_export_does_not_grow_with_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Recent, "KEPT", 100)
    found = exported("left", 10_000)
    assert found[-1] <= 1.05 * found[0]


def open_files() -> int:
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("this system does not show open files")
    return len(os.listdir(folder))  # noqa: PTH208 - a scan is an open file itself


def test_a_first_call_imports_no_retries_refusals_or_helpers(server: str) -> None:
    code = (
        "import sys; from cocalc_facade import CoCalc\n"
        f"CoCalc({KEY!r}, {server!r}).projects.stop(project_id={PROJECT!r})\n"
        "print('\\n'.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())
    assert "cocalc_v2.models.ok" in modules
    calls = ("_calls.retries", "_calls.meaning.refusals", "_calls.decoding", "_wire.parallel", "_wire.faults")
    jobs = (
        "_jobs.account",
        "_jobs.latex",
        "_jobs.many.map",
        "_jobs.tables",
        "_async_client",
        "_drift",
        "testing",
    )
    late = {f"cocalc_facade.{name}" for name in (*calls, *jobs)}
    assert all(find_spec(name) for name in late)
    assert not modules & {"dateutil", "tqdm", *late}
    assert len([name for name in modules if name.startswith("cocalc_v2.models.")]) == 1
    assert len([name for name in modules if name.partition(".")[0] in OURS]) <= 62


def test_a_call_over_plain_http_loads_no_certificates(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("certificates were loaded")

    for name in ("load_verify_locations", "load_default_certs", "set_default_verify_paths"):
        monkeypatch.setattr(ssl.SSLContext, name, refuse)
    with CoCalc(KEY, server) as client:
        assert client.projects.stop(project_id=PROJECT).status == "ok"


def test_a_warm_call_takes_few_steps(server: str) -> None:
    with CoCalc(KEY, server) as client:
        client.projects.stop(project_id=PROJECT)
        for packages, most in ((OURS, 95), (WIRE, 120)):
            assert python_calls(lambda: client.projects.stop(project_id=PROJECT), packages) <= most
        assert python_calls(lambda: client.projects.stop(project_id=PROJECT), ("h11",)) == 0


@pytest.mark.usefixtures("nothing_older")
def test_warm_calls_leave_nothing_behind(server: str) -> None:
    with CoCalc(KEY, server) as client:

        def calls() -> None:
            for _ in range(50):
                client.projects.stop(project_id=PROJECT)

        calls()
        gc.collect()
        before = len(gc.get_objects())
        calls()
        gc.collect()
        assert len(gc.get_objects()) - before < 25


def test_calls_one_after_the_other_use_one_connection_and_closing_gives_it_back(server: str) -> None:
    before = open_files()
    with CoCalc(KEY, server) as client:
        for _ in range(20):
            client.projects.stop(project_id=PROJECT)
        assert open_files() - before == 1
    assert open_files() == before


async def test_a_crowd_uses_no_more_connections_than_the_limit_and_closing_gives_them_back(
    server: str,
) -> None:
    before = open_files()
    async with AsyncCoCalc(KEY, server) as client:
        await asyncio.gather(*[client.projects.stop(project_id=PROJECT) for _ in range(300)])
        assert 1 <= open_files() - before <= 100
    await asyncio.sleep(0)
    assert open_files() == before


@pytest.mark.usefixtures("nothing_older")
def test_decoding_a_row_is_one_call_and_one_object_in_place_of_its_dict() -> None:
    def answer() -> dict[str, Any]:
        return {"purchases": [purchase(number) for number in range(500)], "balance": 1}

    decode(answer(), [])
    given = answer()
    assert python_calls(lambda: decode(given, [])) <= 500 + 20
    given = answer()
    gc.collect()
    before = len(gc.get_objects())
    result = decode(given, [])
    gc.collect()
    assert len(gc.get_objects()) - before <= 500 + 10
    assert result.purchases is not None
    assert len(result.purchases) == 500
    assert type(result.purchases[0]).__dictoffset__ == 0


class Body(bytes):
    """A body that is never there as text too."""

    def decode(self, *_: object, **__: object) -> str:
        raise AssertionError("the whole body was made text")


@pytest.mark.parametrize("extra", [True, False], ids=["fast", "plain"])
def test_a_large_list_is_one_step_a_row_and_shares_what_is_alike(
    extra: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not extra:
        monkeypatch.setitem(sys.modules, "msgspec", None)
    one_by_one: list[int] = []
    at_once: list[int] = []
    each, together = Rows.__call__, Layout.objects

    def counted(self: Rows, values: Any, found: Any) -> Any:
        one_by_one.append(len(values))
        return each(self, values, found)

    def counted_too(self: Layout, columns: Any, number: int) -> list[Any]:
        at_once.append(number)
        return together(self, columns, number)

    monkeypatch.setattr(Rows, "__call__", counted)
    monkeypatch.setattr(Layout, "objects", counted_too)
    number = 3000
    told = {"purchases": [{**purchase(n), "cost": n % 7 + 0.5} for n in range(number)], "balance": 1}
    body = Body(json.dumps(told, separators=(",", ":")).encode())
    answer = Answer(200, {"content-type": "application/json"}, body)
    route = Routes()["purchases/get-purchases"]
    typed(answer, route)
    one_by_one.clear()
    at_once.clear()
    read: list[Any] = []
    assert python_calls(lambda: read.append(typed(answer, route))) <= number + 200
    [(result, found)] = read
    assert found == []
    assert result.to_dict() == told
    # The first rows say which fields the others have; of those no more are there at once than a piece has, and of structs twice as many.
    row = len(json.dumps(purchase(0), separators=(",", ":")))
    assert sum(one_by_one) <= 2 * FIRST / row
    assert sum(one_by_one) + sum(at_once) == number
    assert max(at_once) <= (3 if extra else 1.5) * PIECE / row
    rest = result.purchases[sum(one_by_one) :]
    assert len({id(row._state) for row in rest}) == 1
    assert len({id(row.service) for row in rest}) == len(at_once)
    if not extra:
        assert len({id(row.cost) for row in result.purchases}) == 7


def test_rows_that_differ_in_their_fields_cost_one_look_up_more() -> None:
    rows = [{key: value for key, value in purchase(n).items() if n % 2 or key != "notes"} for n in range(500)]
    decode({"purchases": [dict(row) for row in rows], "balance": 1}, [])
    assert python_calls(lambda: decode({"purchases": rows, "balance": 1}, [])) <= 2 * 500 + 20
