"""What an exception carries away: no frame that hangs on it leads to the key, whatever its class and whenever it came."""

from __future__ import annotations

import asyncio
import gc
import inspect
import sys
import threading
from collections.abc import Callable
from itertools import product
from types import FrameType
from typing import Any

import httpx
import pytest

from cocalc_facade import AsyncCoCalc, CoCalc, CoCalcError, ConfigurationError
from scripts.benchmarks.loopback import loopback

from .leaks import frames, held, held_by
from .sockets import hangs_up, misbehaving, resets, says
from .wires import KEY, OK, PROJECT, Script, connected

ECHO = {"error": f"you sent {KEY}", "you": KEY}
CALLED = ("cocalc_facade", "cocalc_v2", "httpx", "httpcore", "h11")


def stop(client: Any) -> Any:
    return client.projects.stop(project_id=PROJECT)


def test_what_is_looked_for_is_found() -> None:
    def ours() -> None:
        secret = {"deep": [object(), (KEY.encode(),)]}  # noqa: F841
        raise BugError

    ours.__globals__["__name__"], name = "elsewhere", __name__
    try:
        with pytest.raises(BugError) as caught:
            ours()
        assert held(caught.value, KEY)
    finally:
        ours.__globals__["__name__"] = name


@pytest.mark.parametrize(
    "behave", [resets, hangs_up, says(str(ECHO).encode()), says(b"[", Content_Type="text/html")]
)
def test_an_error_of_the_wire_leads_to_no_key(kind: str, behave: Any) -> None:
    with misbehaving(behave) as server, connected(kind, None, server.url, max_retries=0) as both:
        with pytest.raises(CoCalcError) as caught:
            both.do(stop)
        assert list(frames(caught.value))
        assert held(caught.value, KEY) == []


class BugError(Exception):
    pass


PLACES = ("server", "on_request", "on_response", "on_mismatch", "parse")
FAILURES = (BugError, KeyboardInterrupt, SystemExit, MemoryError, AttributeError, RecursionError)


@pytest.mark.parametrize(
    ("where", "failure"),
    # An answer that is nested too deeply to be parsed is an error of ours.
    [pair for pair in product(PLACES, FAILURES) if pair != ("parse", RecursionError)],
)
def test_whatever_is_raised_during_a_call_leads_to_no_key(
    kind: str, where: str, failure: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> Any:
        raise failure

    server: Any = fails if where == "server" else Script(httpx.Response(200, json=["you sent", KEY]))
    hooks = {where: fails} if where.startswith("on_") else {}
    if where == "parse":
        monkeypatch.setattr("cocalc_facade._calls.answers.load", fails)
    with connected(kind, server, **hooks) as both, pytest.raises(failure) as caught:
        both.do(stop)
    assert held(caught.value, KEY) == []
    assert "run" in {frame.f_code.co_name for frame in frames(caught.value)}, "files and lines stay"


def test_the_frames_of_users_keep_their_variables(kind: str) -> None:
    def hook(_: Any) -> None:
        mine = "for the debugger"  # noqa: F841
        raise BugError

    with connected(kind, Script(OK), on_request=hook) as both, pytest.raises(BugError) as caught:
        both.do(stop)
    trace = caught.value.__traceback__
    while trace is not None and trace.tb_frame.f_code is not hook.__code__:
        trace = trace.tb_next
    assert trace is not None
    assert trace.tb_frame.f_locals["mine"] == "for the debugger"


def test_an_answer_that_departs_leads_to_no_key(kind: str) -> None:
    answer = httpx.Response(200, json={"names": {KEY: 5}})
    with connected(kind, Script(answer), strict=True) as both:
        with pytest.raises(CoCalcError) as caught:
            both.do(lambda client: client.accounts.get_names(account_ids=[PROJECT]))
        assert held(caught.value, KEY) == []
        raw = both.do(lambda client: client.with_raw_response.accounts.get_names(account_ids=[PROJECT]))
        with pytest.raises(CoCalcError) as caught:
            raw.parse()
    decoding = [frame for frame in frames(caught.value) if frame.f_code.co_name == "decoded"]
    assert decoding
    assert not any(frame.f_locals for frame in decoding), "but `raw` itself holds what came"


REFUSED: dict[str, dict[str, Any]] = {
    "key": {"api_key": f"{KEY}\n"},
    "base_url": {"base_url": "http://example.com"},
    "max_retries": {"max_retries": -1},
    "timeout": {"timeout": 0},
    "http_client": {"http_client": object()},
    "auth": {"auth": "digest"},
    "unknown": {"on_request": 5},
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_a_constructor_refuses_leads_to_no_key(what: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        CoCalc(**{"api_key": KEY, **REFUSED[what]})
    assert held(caught.value, KEY) == []


@pytest.mark.parametrize(
    "spoilt", [f"{KEY}\n", f" {KEY}", f"'{KEY}'", f"{KEY}\0", f"Bearer {KEY}", f"user:{KEY}", f"{KEY}é"]
)
def test_a_spoilt_key_of_the_environment_a_file_or_a_callable_is_in_no_frame(
    spoilt: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        CoCalc(spoilt)
    assert held(caught.value, KEY) == []
    with (
        pytest.raises(ConfigurationError) as caught,
        connected("sync", Script(OK), api_key=lambda: spoilt) as both,
    ):
        both.do(stop)
    assert held(caught.value, KEY) == []
    file = tmp_path / "key"
    file.touch(0o600)
    file.write_bytes(b"\xff" + spoilt.encode())
    monkeypatch.setenv("COCALC_API_KEY_FILE", str(file))
    with pytest.raises(ConfigurationError, match="not text") as caught:
        CoCalc()
    assert held(caught.value, KEY) == []
    if "\0" not in spoilt:
        monkeypatch.setenv("COCALC_API_KEY", spoilt)
        with pytest.raises(ConfigurationError, match="COCALC_API_KEY") as caught:
            CoCalc()
        assert held(caught.value, KEY) == []


def interrupted(act: Callable[[], object], at: int) -> tuple[BaseException | None, int]:
    """Ctrl-C when the line number `at` of ours, or of what we call, is about to run; also how many there were."""
    lines = 0

    def follow(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal lines
        if frame.f_globals.get("__name__", "").partition(".")[0] not in CALLED:
            return follow
        if event == "line":
            lines += 1
            if lines == at:
                sys.settrace(None)
                raise KeyboardInterrupt
        return follow

    raised: list[BaseException | None] = []

    def run() -> None:
        sys.settrace(follow)
        try:
            act()
            raised.append(None)
        except BaseException as error:  # whatever becomes of it
            raised.append(error)
        finally:
            sys.settrace(None)

    # In a thread of its own: one that is interrupted where it begins to handle an exception may go on handling it for ever.
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return raised[0], lines


STEP = 23
"""Lines between two interruptions; with 1, which takes a minute, all lines are tried."""
ENTERED = 10
"""The line by which a constructor minds what it holds; an interruption of its first ones leaves the argument in its frame."""


# What interrupts a finalizer, Python swallows with a word on stderr.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("nothing_older")
@pytest.mark.parametrize("over", ["a client that was given", "connections of ours"])
def test_an_interruption_at_any_line_leads_to_no_key(kind: str, over: str) -> None:
    """Over a connection of ours goes a second call, the ordinary one."""
    mock = httpx.MockTransport(Script(OK))

    def act(url: str) -> None:
        given = httpx.Client(transport=mock) if over == "a client that was given" else None
        with CoCalc(KEY, url, http_client=given) as client:
            stop(client)
            stop(client)

    async def aact(url: str) -> None:
        given = httpx.AsyncClient(transport=mock) if over == "a client that was given" else None
        async with AsyncCoCalc(KEY, url, http_client=given) as client:
            await stop(client)
            await stop(client)

    with loopback() as url:  # another process, which an interruption does not meet

        def do() -> None:
            act(url) if kind == "sync" else asyncio.run(aact(url))

        do()
        _, lines = interrupted(do, 0)
        step = STEP if over == "a client that was given" else 3 * STEP
        tried = range(ENTERED, lines, step)
        found = [error for at in tried if (error := interrupted(do, at)[0]) is not None]
    gc.collect()  # what an interrupted event loop left open is closed here, and troubles no other test
    assert len(found) > len(tried) / 2
    assert [held(error, KEY) for error in found if held(error, KEY)] == []


def test_a_stack_without_room_leads_to_no_key() -> None:
    def deep(levels: int, act: Callable[[], object]) -> object:
        return deep(levels - 1, act) if levels else act()

    def make() -> CoCalc:
        return CoCalc(KEY, "http://localhost:5000", http_client=given)

    given = httpx.Client(transport=httpx.MockTransport(Script(OK)))
    room = sys.getrecursionlimit() - len(inspect.stack(0))
    client = make()
    stop(client)
    found = []
    for act in (make, lambda: stop(client)):
        for left in range(1, 100):
            try:
                deep(room - left, act)
            except RecursionError as error:
                found.append(held(error, KEY))
    assert len(found) > 15
    assert [places for places in found if places] == []


def test_what_stays_of_a_client_is_no_key_in_clear(kind: str) -> None:
    with connected(kind, Script(OK)) as both:
        both.do(stop)
        assert held_by(both.client, KEY) == []
        assert held_by(both.viewed(timeout=5).client, KEY) == []
        assert held_by(both.client.with_raw_response, KEY) == []
