"""Whatever a server answers, a job gives a value or a `CoCalcError`, never anything else."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocalc_facade._calls.options import Options
from cocalc_facade._calls.routes import Routes
from cocalc_facade._calls.session import Session
from cocalc_facade._errors import CoCalcError, CoCalcWarning
from cocalc_facade._jobs import copies, latex, listing, projects, query, run
from cocalc_facade._jobs.account import api_keys, emails
from cocalc_facade._jobs.files import small
from cocalc_facade._jobs.money import cart, licenses, purchases
from cocalc_facade._wire.flow import Answer, Emit, Fetch, Send, Sleep
from cocalc_facade._wire.hosts import Host
from cocalc_facade._wire.keys import source

PROJECT = "826cd844-c73b-47a4-bbf1-cc75a50cf5ee"
OTHER = "eb65b5ba-8e84-42eb-bbab-26ebbd19ef33"

WORDS = st.sampled_from(
    [
        "",
        "running",
        "opened",
        "completed",
        "error",
        "2026-01-01T00:00:00.000Z",
        "x.pdf?uuid=" + PROJECT,
        "f\0f\0" * 9,
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS
    | st.text(max_size=5)
)
FIELDS = """
query projects_all accounts listings state time error listing path name isdir size id purchases cost stdout stderr exit_code
status job_id compile pdf url data_uuid event response secret expire cart total email_address names copy_id copy_error finished
"""
NAMES = st.sampled_from(FIELDS.split())
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=8,
)


class Server:
    """A server that answers what it is given, over and over, each after ten seconds."""

    def __init__(self, answers: list[Any]) -> None:
        self.answers = answers
        self.calls = 0
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def answer(self, step: Send | Fetch) -> Answer:
        if isinstance(step, Fetch):
            return Answer(200, {"content-type": "application/pdf"}, b"%PDF-%%EOF")
        self.calls += 1
        assert self.calls < 500, "the flow has no end"
        self.seconds += 10.0
        body = json.dumps(self.answers[self.calls % len(self.answers)]).encode()
        return Answer(200, {"content-type": "application/json"}, body)


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    """What cannot be known of a copy is a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoCalcWarning)
        yield


def drive(server: Server, job: Callable[[Any], Generator[Any, Any, Any]]) -> Any:
    host = Host("http://localhost", "localhost", secure=False, loopback=True)
    key = source("sk-KeyOfNobody00001")
    flow = job(Session(host, Options(), Routes(), server, key))  # type: ignore[arg-type]
    given: Any = None
    for _ in range(1000):
        try:
            step = flow.send(given)
        except StopIteration as stop:
            return stop.value
        given = None
        if isinstance(step, Send | Fetch):
            given = server.answer(step)
        elif isinstance(step, Sleep):
            server.seconds += step.seconds
        else:
            assert isinstance(step, Emit)
    raise AssertionError("the flow has no end")


SOON = datetime(2099, 1, 1, tzinfo=UTC)
EVERYTHING = purchases.query(None, None, None, None, None, False, True, 2)
JOBS: dict[str, Callable[[Any], Generator[Any, Any, Any]]] = {
    "state": lambda s: projects.state(s, PROJECT),
    "wait": lambda s: projects.wait_for(s, PROJECT, "running", timeout=100, request=True),
    "write": lambda s: projects.write_text(s, PROJECT, "a", "b"),
    "read": lambda s: small.read_whole(s, PROJECT, "a", max_size=10),
    "copy": lambda s: copies.copy(s, PROJECT, "a", OTHER, None, timeout=100, options={}),
    "stop": lambda s: run.stop(s, PROJECT, "j-1", timeout=20),
    "query one": lambda s: query.one(s, "accounts", ["created", "name"], None),
    "query many": lambda s: query.many(s, "listings", ["time", "listing"], {"project_id": PROJECT}),
    "update": lambda s: query.update(s, "accounts", {"name": "x"}),
    "run": lambda s: run.run(s, PROJECT, "true"),
    "run a job": lambda s: run.run(s, PROJECT, "true", timeout=100, stream=len),
    "latex": lambda s: latex.compile_latex(s, "x", project_id=PROJECT),
    "long latex": lambda s: latex.compile_latex(s, path="a.tex", project_id=PROJECT, timeout=100),
    "list": lambda s: listing.list_directory(s, PROJECT),
    "list live": lambda s: listing.list_directory(s, PROJECT, live=True),
    "purchases": lambda s: purchases.collect(s, EVERYTHING),
    "each purchase": lambda s: purchases.emit(s, EVERYTHING),
    "email": lambda s: emails.email_of(s, OTHER),
    "licences": licenses.managed,
    "create key": lambda s: api_keys.create(s, "x"),
    "keys": api_keys.everyone,
    "rotate": lambda s: api_keys.rotate(s, 1, expires=SOON),
    "delete key": lambda s: api_keys.delete(s, 1),
    "add": lambda s: cart.add(s, {}, None),
    "items": cart.items,
    "uncheck": lambda s: cart.change(s, "shopping/cart/checked", 1, checked=False),
    "checkout": lambda s: cart.checkout(s, confirm=True, at_most=5.0),
}


@pytest.mark.parametrize("job", JOBS)
@settings(max_examples=15)
@given(answers=st.lists(JSON, min_size=1, max_size=3))
def test_any_answer_gives_a_value_or_a_known_error(job: str, answers: list[Any]) -> None:
    server = Server(answers)
    try:
        result = drive(server, JOBS[job])
    except CoCalcError:
        return
    repr(result)
    if hasattr(result, "_repr_html_"):
        result._repr_html_()


SHAPES: dict[str, list[Any]] = {
    "wait": [{"query": {"projects_all": {"state": ...}}}],
    "query one": [{"query": {"accounts": {"created": ..., "name": ...}}}],
    "query many": [{"query": {"listings": [{"time": ..., "listing": ...}, ...]}}],
    "run": [{"stdout": ..., "stderr": ..., "exit_code": ...}],
    "run a job": [
        {"status": "completed", "stdout": ..., "stderr": ..., "exit_code": ..., "elapsed_s": ..., "pid": ...}
    ],
    "latex": [
        {"compile": ..., "pdf": ..., "url": ...},
        {"compile": {"stdout": ..., "error": ..., "exit_code": ...}, "pdf": {"data_uuid": ...}},
    ],
    "list": [
        {
            "query": {
                "listings": [
                    {
                        "listing": [{"name": ..., "size": ..., "mtime": ...}, ...],
                        "missing": ...,
                        "time": ...,
                        "error": ...,
                    }
                ]
            }
        }
    ],
    "list live": [{"stdout": ..., "exit_code": 0}],
    "purchases": [{"purchases": [{"id": ..., "cost": ..., "time": ..., "service": ...}], "balance": ...}],
    "email": [{}, {"names": ...}, {"email_address": ...}],
    "licences": [[{"id": ..., "expires": ..., "quota": ...}, ...]],
    "create key": [{"response": [{"id": 1, "secret": ..., "trunc": ..., "created": ..., "expire": ...}]}],
    "rotate": [{"response": [{"id": 1, "secret": ..., "name": ..., "expire": ...}]}],
    "items": [[{"id": 1, "description": ..., "added": ..., "checked": ..., "lineItemAmount": ...}]],
    "checkout": [
        {
            "total": ...,
            "balance": ...,
            "chargeAmount": ...,
            "cart": [{"id": 1, "checked": True, "lineItemAmount": ...}],
        }
    ],
    "copy": [{"copy_id": ...}, {"copy_error": ..., "finished": ...}, ...],
}


@pytest.mark.parametrize("job", SHAPES)
@settings(max_examples=15)
@given(data=st.data())
def test_a_right_shape_with_wrong_values_gives_a_value_or_a_known_error(
    job: str, data: st.DataObject
) -> None:
    def filled(shape: Any) -> Any:
        if shape is ...:
            return data.draw(JSON)
        if isinstance(shape, dict):
            return {name: filled(value) for name, value in shape.items()}
        return [filled(value) for value in shape] if isinstance(shape, list) else shape

    server = Server([filled(shape) for shape in SHAPES[job]])
    try:
        result = drive(server, JOBS[job])
    except CoCalcError:
        return
    repr(result)
    if hasattr(result, "_repr_html_"):
        result._repr_html_()
