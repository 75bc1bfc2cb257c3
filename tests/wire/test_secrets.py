"""A planted key is looked for wherever a client shows something: it is found nowhere."""

from __future__ import annotations

import logging
import pickle
import traceback
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from cocalc_facade import CoCalcError, ConfigurationError, Timeout

from .sockets import Behaviour, endlessly, hangs_up, holds, misbehaving, resets, says, sends, then
from .test_faults import Impatient
from .wires import KEY, PROJECT, Script, connected

FORMS = (
    KEY,
    KEY[4:-4],
    b64encode(f"{KEY}:".encode()).decode().rstrip("="),
    b64encode(KEY.encode()).decode()[:-4],
)


def assert_clean(*shown: object) -> None:
    for thing in shown:
        text = (
            thing
            if isinstance(thing, str)
            else thing.decode("latin-1")
            if isinstance(thing, bytes)
            else repr(thing)
        )
        for form in FORMS:
            assert form not in text


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def assert_error_clean(error: CoCalcError) -> None:
    for link in chain(error):
        assert_clean(str(link), repr(link), link.args, vars(link))
    assert_clean("".join(traceback.TracebackException.from_exception(error, capture_locals=True).format()))
    assert_clean(pickle.dumps(error))
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


BEHAVIOURS: dict[str, Behaviour] = {
    "reset": resets,
    "lost": hangs_up,
    "slow": holds,
    "garbage": then(sends(b"nonsense\r\n\r\n"), hangs_up),
    "truncated": then(says(length=99), hangs_up),
    "endless": then(sends(b"HTTP/1.1 200 OK\r\n\r\n"), endlessly(b"x" * 4096)),
    "html": says(b"<html>", "502 Bad Gateway", Content_Type="text/html"),
    "refusal": says(b'{"error":"must be signed in"}'),
    "echo of the key": says(f'{{"error":"what is {KEY}?"}}'.encode()),
    "echo of the header": says(
        b"<pre>Basic " + b64encode(f"{KEY}:".encode()) + b"</pre>", Content_Type="text/html"
    ),
    "redirect": says(b"", "302 Found", Location="http://elsewhere/"),
}


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_errors_logs_and_hooks_do_not_show_the_key(
    kind: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    shown: list[Any] = []
    options: dict[str, Any] = {
        "timeout": Timeout(read=0.1 if name == "slow" else 70),
        "max_response_bytes": 50_000,
        "on_request": shown.append,
        "on_mismatch": shown.append,
        "_clock": Impatient(),
    }
    with (
        caplog.at_level(logging.DEBUG),
        misbehaving(BEHAVIOURS[name]) as server,
        connected(kind, None, server.url, **options) as both,
    ):
        with pytest.raises(CoCalcError) as caught:
            both.do(lambda client: client.projects.stop(project_id=PROJECT))
        assert_error_clean(caught.value)
        client = both.client
        assert_clean(repr(client), repr(client._session), repr(client._key), repr(client._driver.transport))
        assert_clean(repr(vars(client)), repr(client.mismatches), repr(client.with_raw_response))
    assert caplog.records
    assert_clean(caplog.text, *[record.args for record in caplog.records], *shown)


def test_bodies_in_the_log_show_no_key_either(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    echo = httpx.Response(200, json={"you sent": KEY})
    with caplog.at_level(logging.DEBUG), connected(kind, Script(echo), log_bodies=True) as both:
        both.call("new/route")
    assert "you sent" in caplog.text
    assert_clean(caplog.text)


@pytest.mark.parametrize(
    "spoilt",
    [
        f" {KEY}",
        f"{KEY}\n",
        f'"{KEY}"',
        f"Bearer {KEY}",
        f"Basic {KEY}",
        f":{KEY}",
        f"user:{KEY}",
        f"{KEY}:",
        f"{KEY}\x00",
        f"{KEY}ü",
    ],
)
def test_what_is_wrong_with_a_key_is_said_without_showing_it(kind: str, spoilt: str) -> None:
    with pytest.raises(ConfigurationError) as caught, connected(kind, Script({}), api_key=spoilt):
        pass
    for link in chain(caught.value):
        assert_clean(str(link), repr(link), link.args, vars(link))
    with pytest.raises(ConfigurationError) as caught, connected(kind, Script({}), api_key="x", base_url=KEY):
        pass
    assert_clean(str(caught.value), vars(caught.value))


def test_an_interrupted_call_shows_no_key_in_its_traceback(kind: str) -> None:
    def interrupted(request: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    with connected(kind, interrupted) as both, pytest.raises(KeyboardInterrupt) as caught:
        both.call("new/route")
    text = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert_clean(text)
