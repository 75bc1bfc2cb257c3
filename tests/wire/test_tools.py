"""Tools that record, replace or trace the requests of httpx see those of this client: a test suite never reaches a server because its recorder was blind.

None of them sees the key: it is put in below them, where the bytes leave.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpcore
import httpx
import pytest
import respx
import vcr
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from cocalc_facade import ConnectionFailed, NotFoundError

from .sockets import Misbehaving, misbehaving, says
from .wires import KEY, Both, connected

if TYPE_CHECKING:
    from pytest_httpx import HTTPXMock

pytest_plugins = ["pytest_httpx"]

ANSWER = {"status": "made up"}
BASIC = b64encode(f"{KEY}:".encode()).decode()


@pytest.fixture
def server() -> Iterator[Misbehaving]:
    with misbehaving(says()) as server:
        yield server


@pytest.fixture
def both(kind: str, server: Misbehaving) -> Iterator[Both]:
    """A client over real sockets: what no tool catches arrives at the server."""
    with connected(kind, None, server.url) as both:
        yield both


def in_clear(text: str) -> bool:
    return KEY in text or BASIC.rstrip("=") in text


@pytest.mark.parametrize("using", ["httpx", "httpcore"])
def test_respx_answers_in_both_of_its_modes(both: Both, server: Misbehaving, using: str) -> None:
    with respx.mock(using=using) as router:
        route = router.post(f"{server.url}/api/v2/new/route").respond(json=ANSWER)
        assert both.call("new/route", {"a": 1}) == ANSWER
        request = route.calls.last.request
        assert request.content == b'{"a":1}'
        assert not in_clear(str(request.headers.raw))
    assert server.connections == 0
    assert both.call("new/route") == {"status": "ok"}  # and it is over when they are


@pytest.mark.parametrize("using", ["httpx", "httpcore"])
def test_respx_lets_pass_what_it_is_told_to(both: Both, server: Misbehaving, using: str) -> None:
    with respx.mock(using=using) as router:
        router.post(f"{server.url}/api/v2/new/route").pass_through()
        assert both.call("new/route") == {"status": "ok"}
    assert f"authorization: basic {BASIC}".lower().encode() in server.heads[0]


def test_a_fault_that_respx_plays_is_one_of_ours(both: Both, server: Misbehaving) -> None:
    with respx.mock() as router:
        router.post(f"{server.url}/api/v2/new/route").mock(side_effect=httpx.ConnectError("no"))
        with pytest.raises(ConnectionFailed):
            both.viewed(max_retries=0).call("new/route")
    assert server.connections == 0


def test_pytest_httpx_answers(both: Both, server: Misbehaving, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=f"{server.url}/api/v2/new/route", json=ANSWER)
    assert both.call("new/route", {"a": 1}) == ANSWER
    request = httpx_mock.get_requests()[0]
    assert request.read() == b'{"a":1}'
    assert not in_clear(str(request.headers.raw))
    assert server.connections == 0


def test_vcrpy_records_once_and_plays_back_without_the_server(
    both: Both, server: Misbehaving, tmp_path: Path
) -> None:
    tape = tmp_path / "tape.yaml"
    for _ in range(2):
        with vcr.use_cassette(tape, match_on=["method", "uri", "body"]):
            assert both.call("new/route", {"a": 1}) == {"status": "ok"}
    assert server.seen == 1
    assert f"authorization: basic {BASIC}".lower().encode() in server.heads[0]
    assert not in_clear(tape.read_text())


def test_what_is_not_on_the_tape_reaches_no_server(both: Both, server: Misbehaving, tmp_path: Path) -> None:
    with (
        vcr.use_cassette(tmp_path / "tape.yaml", record_mode="none"),
        pytest.raises(Exception, match="cassette"),
    ):
        both.call("new/route")
    assert server.connections == 0


SYNC = [
    (httpx.Client, "send"),
    (httpx.Client, "_send_single_request"),
    (httpx.HTTPTransport, "handle_request"),
    (httpcore.ConnectionPool, "handle_request"),
    (httpcore.HTTPConnection, "handle_request"),
]
ASYNC = [
    (httpx.AsyncClient, "send"),
    (httpx.AsyncClient, "_send_single_request"),
    (httpx.AsyncHTTPTransport, "handle_async_request"),
    (httpcore.AsyncConnectionPool, "handle_async_request"),
    (httpcore.AsyncHTTPConnection, "handle_async_request"),
]


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("used_before", [False, True])
def test_what_stands_in_the_place_of_a_method_is_asked_instead(
    both: Both, kind: str, server: Misbehaving, monkeypatch: pytest.MonkeyPatch, place: int, used_before: bool
) -> None:
    """Recorders of other versions, tracers and caches put theirs into one of these places (vcrpy 7 and 8 into the second and the fourth)."""
    if used_before:
        both.call("new/route")
    owner, name = (SYNC if kind == "sync" else ASYNC)[place]
    library: Any = httpx if owner.__module__.startswith("httpx") else httpcore
    seen: list[str] = []

    def answer(request: Any) -> Any:
        seen.append(str(request.headers))
        if library is httpx:
            return httpx.Response(200, json=ANSWER, request=request)
        return httpcore.Response(
            200,
            headers=[(b"content-type", b"application/json")],
            content=httpx.Response(200, json=ANSWER).content,
        )

    def asked(self: Any, request: Any, **options: Any) -> Any:
        return answer(request)

    async def awaited(self: Any, request: Any, **options: Any) -> Any:
        return answer(request)

    before = server.connections
    monkeypatch.setattr(owner, name, asked if kind == "sync" else awaited)
    assert both.call("new/route") == ANSWER
    assert len(seen) == 1
    assert not in_clear(seen[0])
    assert server.connections == before


def test_opentelemetry_traces_the_calls_without_the_key(
    both: Both, server: Misbehaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST", ".*")
    monkeypatch.setenv("OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE", ".*")
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing = HTTPXClientInstrumentor()
    tracing.instrument(tracer_provider=provider)
    try:
        assert both.call("new/route") == {"status": "ok"}
    finally:
        tracing.uninstrument()
    (span,) = exporter.get_finished_spans()
    told = str(span.to_json())
    assert "/api/v2/new/route" in told
    assert "authorization" in told  # all headers were asked for, and this one shows nothing
    assert not in_clear(told)
    assert b"traceparent:" in server.heads[0]
    assert f"authorization: basic {BASIC}".lower().encode() in server.heads[0]


def test_a_made_up_refusal_is_an_error_of_ours(both: Both, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json={"error": "no such project"})
    with pytest.raises(NotFoundError):
        both.call("new/route")
