"""A planted key is looked for wherever a client shows something: it is found nowhere."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import re
import time
import traceback
from base64 import b64encode
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocalc_facade import AsyncCoCalc, CoCalc, CoCalcError, ConfigurationError, Timeout

from .leaks import chain, leaks, logged, told
from .sockets import Behaviour, endlessly, hangs_up, holds, misbehaving, resets, says, sends, then
from .test_faults import Impatient
from .test_redaction import ENCODED, ESCAPED, KEYS, is_key
from .wires import KEY, OK, PROJECT, FakeClock, Script, connected

HEADER = "Basic " + b64encode(f"{KEY}:".encode()).decode()


def assert_clean(*shown: object, key: str = KEY) -> None:
    for thing in shown:
        assert leaks(thing, key) == []


def assert_error_clean(error: CoCalcError) -> None:
    assert_clean(*told(error))
    assert_clean("".join(traceback.TracebackException.from_exception(error, capture_locals=True).format()))
    assert_clean(pickle.dumps(error))
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


def stop(client: Any) -> Any:
    return client.projects.stop(project_id=PROJECT)


def stop_raw(client: Any) -> Any:
    return client.with_raw_response.projects.stop(project_id=PROJECT)


BEHAVIOURS: dict[str, Behaviour] = {
    "reset": resets,
    "lost": hangs_up,
    "slow": holds,
    "garbage": then(sends(b"nonsense\r\n\r\n"), hangs_up),
    "garbage that repeats the header": then(sends(f"HTTP/1.1 200 OK\r\n{HEADER}\r\n\r\n".encode()), hangs_up),
    "truncated": then(says(f"you sent {HEADER}".encode(), length=999), hangs_up),
    "endless": then(sends(b"HTTP/1.1 200 OK\r\n\r\n"), endlessly(KEY.encode() * 100)),
    "html": says(b"<html>", "502 Bad Gateway", Content_Type="text/html"),
    "refusal": says(b'{"error":"must be signed in"}'),
    "the key": says(f'{{"error":"what is {KEY}?"}}'.encode()),
    "the header": says(f"<pre>{HEADER}</pre>".encode(), Content_Type="text/html"),
    "the key, cut": says(b"x" * 290 + KEY.encode(), "500 E", Content_Type="text/plain"),
    "redirect": says(b"", "302 Found", Location=f"http://elsewhere/?{HEADER.replace('=', '%3D')}"),
    "unknown encoding": says(b"", Content_Encoding=KEY),
    "no object": says(json.dumps(f"you sent {HEADER}").encode()),
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
        "on_response": shown.append,
        "on_mismatch": shown.append,
        "log_bodies": True,
        "_clock": Impatient(),
    }
    with (
        caplog.at_level(logging.DEBUG),
        misbehaving(BEHAVIOURS[name]) as server,
        connected(kind, None, server.url, **options) as both,
    ):
        with pytest.raises(CoCalcError) as caught:
            both.do(stop)
        assert_error_clean(caught.value)
        client = both.client
        assert_clean(repr(client), repr(client._session), repr(client._key), repr(client._driver.transport))
        assert_clean(repr(vars(client)), repr(client.mismatches), repr(client.with_raw_response))
    assert len(shown) >= 2
    assert_clean(*shown)
    assert {"cocalc_facade", "httpcore.connection"} <= {record.name for record in caplog.records}
    assert_clean(*logged(caplog.records))


@pytest.mark.parametrize("said", [KEY, HEADER, KEY.upper(), KEY.encode().hex()])
def test_the_loggers_of_httpx_show_neither_what_is_sent_nor_a_key_that_comes_back(
    kind: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Also in the line of the status and in headers, which they print as they come."""
    with (
        caplog.at_level(logging.DEBUG),
        misbehaving(says(status=f"200 {said}", X_Sent=said, Set_Cookie=f"a={said}")) as server,
    ):
        with connected(kind, None, server.url) as both:
            both.do(stop)
        with httpx.Client(trust_env=False) as given:
            stop(CoCalc(KEY, server.url, http_client=given))
    assert {"httpx", "httpcore.http11"} <= {record.name for record in caplog.records}
    text = "\n".join(map(str, logged(caplog.records)))
    assert text.count("***") > 5
    assert said not in text
    assert_clean(text)


class Told(NamedTuple):
    """What a client showed during one call."""

    error: CoCalcError | None
    value: Any
    shown: list[object]


def listen(kind: str, server: Any, act: Callable[[Any], Any], caplog: Any = None, **options: Any) -> Told:
    """Everything that is shown of a call, to whoever can look."""
    seen: list[Any] = []
    handler = Kept()
    logger = logging.getLogger("cocalc_facade")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    options = {
        "on_request": seen.append,
        "on_response": seen.append,
        "on_mismatch": seen.append,
        "log_bodies": True,
        "_clock": FakeClock(),
        **options,
    }
    error = value = None
    try:
        with connected(kind, server, **options) as both:
            try:
                value = both.do(act)
            except CoCalcError as raised:
                error = raised
            seen += [both.client.mismatches, both.client.mismatches.to_jsonl()]
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
    return Told(error, value, [*seen, *logged(handler.records), *(told(error) if error else [])])


class Kept(logging.Handler):
    """Keeps what is logged; `caplog` would, were it not one for all examples of a property."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


REPEATED: dict[str, Callable[[str], httpx.Response]] = {
    "refusal": lambda echo: httpx.Response(200, json={"error": f"bad key: {echo}", "code": echo}),
    "command": lambda echo: httpx.Response(
        200, json={"error": f"command 'x' exited with nonzero code 1 -- stderr='{echo}'"}
    ),
    "field": lambda echo: httpx.Response(
        400, json={"message": "bad", "errors": [{"path": [echo], "message": echo}]}
    ),
    "text": lambda echo: httpx.Response(500, text=echo),
    "long text": lambda echo: httpx.Response(503, text="x" * 280 + echo),
    "page": lambda echo: httpx.Response(200, html=f"<p>{echo}"),
    "redirect": lambda echo: httpx.Response(302, headers={"location": f"/?{echo!a}"}),
    "headers": lambda echo: httpx.Response(
        418, headers={"x-request-id": f"{echo!a}", "set-cookie": f"{echo!a}", "retry-after": f"{echo!a}"}
    ),
    "status of a rate": lambda echo: httpx.Response(429, json={"error": f"too many (rule: {echo})"}),
    "no object": lambda echo: httpx.Response(200, json=[echo]),
    "names": lambda echo: httpx.Response(200, json={"names": {echo: 5}, echo: echo}),
    "success": lambda echo: httpx.Response(200, json={"names": {}, "you": echo}),
    "broken JSON": lambda echo: httpx.Response(
        200, text=f'{{"a": {echo}', headers={"content-type": "application/json"}
    ),
    "number": lambda echo: httpx.Response(200, json={"error": {"number": 123456789012, "text": echo}}),
}


NO_WORDS = KEYS.map(lambda key: re.sub("(...)", r"\g<1>7", key)).filter(
    lambda key: is_key(key) and "\\" not in key
)
"""Keys that are no words of ours, which are shown where we say them; nor have what `repr` puts before a quote."""


def names(client: Any) -> Any:
    return client.accounts.get_names(account_ids=[PROJECT])


@given(
    NO_WORDS,
    st.sampled_from(sorted(REPEATED)),
    st.sampled_from(sorted(ENCODED)),
    st.sampled_from(sorted(ESCAPED)),
    st.sampled_from([stop, names, stop_raw]),
    st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_whatever_the_key_and_the_answer_nothing_shows_eight_characters_of_the_key(
    key: str, name: str, encode: str, escape: str, act: Callable[[Any], Any], strict: bool
) -> None:
    echo = ESCAPED[escape](ENCODED[encode](key))
    answer = REPEATED[name](echo)
    result = listen("sync", Script(answer), act, api_key=key, strict=strict)
    assert result.shown
    assert_clean(*result.shown, key=key)
    if act is stop_raw and result.value is not None:
        try:
            result.value.parse()
        except CoCalcError as error:
            assert_clean(*told(error), key=key)


@given(
    st.sampled_from(sorted(ENCODED)),
    st.sampled_from(sorted(ESCAPED)),
    st.sampled_from([0, 2_000, 7_500, 7_962, 62_000, 68_000]),
    st.integers(0, 120),
    st.sampled_from(["", "command 'x' exited with nonzero code 1 -- stderr='"]),
)
@settings(max_examples=60, deadline=None)
def test_a_refusal_of_any_length_shows_no_key_wherever_it_is_cut(
    encode: str, escape: str, place: int, further: int, start: str
) -> None:
    echo = ESCAPED[escape](ENCODED[encode](KEY))
    words = "x " * 35_000
    place += further
    words = f"{start}{words[:place]}{echo}{words[place:]}'"
    with connected("sync", Script({"error": words})) as both, pytest.raises(CoCalcError) as caught:
        both.call("exec", {"command": "x"})
    assert_clean(*told(caught.value))
    assert "***" in str(caught.value) or 7_000 < place < 69_000


@pytest.mark.parametrize(
    "piece", ["a", "%25", "&amp;", "=41", "\\x41", "\x1b[31m", KEY[:9], "' -- killed command '"]
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_what_an_error_does_not_keep_of_a_long_refusal_costs_nothing(piece: str, status: int) -> None:
    """A twentieth of the limit is usual; to look at all of it would take seconds."""
    answer = httpx.Response(status, json={"error": piece * (4_000_000 // len(piece))})
    with connected("sync", Script(answer)) as both:
        begin = time.process_time()
        with pytest.raises(CoCalcError) as caught:
            both.call("exec", {"command": "x"})
        assert time.process_time() - begin < 0.4
    assert len(str(caught.value)) < 10_500


@pytest.mark.parametrize("name", REPEATED)
def test_a_key_from_a_callable_is_taken_out_as_it_was_sent(kind: str, name: str) -> None:
    """The callable gives another key each time it is asked."""
    given: list[str] = []

    def rotated() -> str:
        given.append(f"sk-Rotated{len(given):02d}SeCrEtSeCrEt{len(given):02d}")
        return given[-1]

    def server(request: httpx.Request) -> httpx.Response:
        return REPEATED[name](f"{given[-1]} {request.headers['authorization']}")

    result = listen(kind, server, stop, api_key=rotated)
    assert len(given) == 1, "once a call, however often it is tried"
    assert_clean(*result.shown, key=given[0])


def test_a_raw_answer_is_given_as_it_came_and_its_error_without_the_key(kind: str) -> None:
    answer = httpx.Response(200, json={"error": f"what is {KEY}?"})
    with connected(kind, Script(answer)) as both:
        raw = both.do(stop_raw)
    assert raw.content == answer.content
    for ask in (raw.json, raw.parse):
        with pytest.raises(CoCalcError, match=r"what is \*\*\*\?") as caught:
            ask()
        assert_error_clean(caught.value)
    assert_clean(raw, repr(raw))


def test_the_error_of_a_job_shows_no_key_that_a_program_printed(kind: str) -> None:
    """What a command prints is the caller's; what is raised about it is for everyone's logs."""
    done = {"stdout": "", "stderr": f"COCALC_API_KEY={KEY}: \x1b[1mno", "exit_code": 1}
    with connected(kind, Script(httpx.Response(200, json=done))) as both:
        assert KEY in both.do(lambda client: client.run(PROJECT, "env")).stderr
        with pytest.raises(CoCalcError) as caught:
            both.do(lambda client: client.run(PROJECT, "env", check=True))
    assert caught.value.stderr == "COCALC_API_KEY=***: \x1b[1mno"  # type: ignore[attr-defined]
    assert_clean(*told(caught.value))


def test_a_download_shows_no_key_although_it_sends_none(kind: str) -> None:
    answer = httpx.Response(404, text=f"no page for {HEADER}")
    with (
        connected(kind, Script(answer)) as both,
        pytest.raises(CoCalcError, match="no page for Basic") as caught,
    ):
        both.do(lambda client: client.check_schema())
    assert_error_clean(caught.value)


def test_hooks_see_neither_the_key_in_what_is_sent_nor_a_cookie(kind: str) -> None:
    seen: list[Any] = []
    answer = httpx.Response(200, json={}, headers={"set-cookie": "remember_me=1", "x-other": "stays"})
    with connected(kind, Script(answer), on_request=seen.append, on_response=seen.append) as both:
        both.call("new/route", {"text": f"export COCALC_API_KEY={KEY}", "x": 1})
    request, response = seen
    assert json.loads(request.body) == {"text": "export COCALC_API_KEY=***", "x": 1}
    assert response.headers["set-cookie"] == "***"
    assert response.headers["x-other"] == "stays"
    assert response.request == request


def test_a_key_in_the_wrong_place_is_not_shown_either(kind: str) -> None:
    """People swap arguments: the key as a path, as an id, in a command, in an address."""
    wrong: list[Callable[[Any], Any]] = [
        lambda client: client.call(KEY),
        lambda client: client.call(f"projects/{KEY}?"),
        lambda client: client.call("projects/stop", {KEY: 1}),
        lambda client: client.projects.stop(project_id=KEY),
        lambda client: client.run(PROJECT, f"export COCALC_API_KEY={KEY}", check=True),
    ]
    answers = {"error": "no"}, {"stdout": "", "stderr": "", "exit_code": 1}
    for act in wrong:
        for answer in answers:
            result = listen(kind, Script(answer), act)
            assert_clean(*result.shown)
    with pytest.raises(ConfigurationError) as caught, connected(kind, None, f"http://{KEY}.example.com"):
        pass
    assert "travel in clear" in str(caught.value)
    assert_clean(*told(caught.value))


def test_what_is_noted_on_an_interruption_shows_no_key(kind: str) -> None:
    def interrupted(_: Any) -> Any:
        raise KeyboardInterrupt

    with connected(kind, interrupted) as both, pytest.raises(KeyboardInterrupt) as caught:
        both.do(lambda client: client.run(PROJECT, f"export COCALC_API_KEY={KEY}", timeout=5))
    assert caught.value.__notes__
    assert_clean(*caught.value.__notes__)


def test_what_repeats_no_key_is_shown_as_it_came(kind: str) -> None:
    seen: list[Any] = []
    answer = httpx.Response(200, json={"error": "no such project — “x”"}, headers={"x-other": "a"})
    with (
        connected(kind, Script(answer), on_response=seen.append) as both,
        pytest.raises(CoCalcError) as caught,
    ):
        both.call("new/route")
    assert seen[0].body == answer.content
    assert seen[0].headers == answer.headers
    assert caught.value.message == "no such project — “x”"


def test_bodies_in_the_log_show_no_key_either(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    echo = httpx.Response(200, json={"you sent": KEY})
    with caplog.at_level(logging.DEBUG), connected(kind, Script(echo), log_bodies=True) as both:
        assert both.call("new/route", {"key": KEY}) == {"you sent": KEY}, "a success is the caller's"
    assert "you sent" in caplog.text
    assert_clean(caplog.text)


OBEYED = {
    "title": "\x1b]0;title\x07\x1b[2J",
    "direction": "\u202egnp.exe\u2066",
    "surrogate": "\ud800",
    "C1": "\x9b31m\x85",
    "overwriting": "ok\rno",
    "nothing": "a\0b\x7f",
    "lines": "a\u2028b\u2029c\x0bd\x1ce",
    "tags": "\U000e0041\U000e007f",
    "private": "\ue000",
    "several": "first\nsecond\tthird\r\nfourth",
}


@pytest.mark.parametrize("name", OBEYED)
def test_a_terminal_obeys_no_words_of_a_server(kind: str, name: str) -> None:
    words = OBEYED[name]
    answer = httpx.Response(200, content=json.dumps({"error": words, "code": words}).encode())
    answer.headers["content-type"] = "application/json"
    result = listen(kind, Script(answer), stop)
    error = result.error
    assert error is not None
    error.add_note(words)
    assert str(error).isprintable()
    str(error).encode()
    printed = "".join(traceback.format_exception(error))
    texts = [error.message, error.args[0], error.code, *error.__notes__, printed]  # type: ignore[attr-defined]
    assert [text for text in texts if not "".join(text.split("\n")).replace("\t", "").isprintable()] == []
    for record in result.shown:
        if isinstance(record, str):
            assert record.replace("\n", "").replace("\t", "").isprintable()


def test_words_that_a_terminal_only_shows_stay(kind: str) -> None:
    words = "Fichier\u00a0: « naïve » — 日本語\u3000🎉 | a\tb\nc"
    with connected(kind, Script({"error": words})) as both, pytest.raises(CoCalcError) as caught:
        both.do(stop)
    assert caught.value.message == words


def test_a_log_line_is_one_line(kind: str) -> None:
    answer = httpx.Response(503, text="down\nFAKE LINE\x1b[2J", headers={"content-type": "text/plain"})
    result = listen(kind, Script(answer, OK), stop)
    assert result.error is None
    lines = [line for line in result.shown if isinstance(line, str) and "trying again" in line]
    assert lines
    assert all("\n" not in line and line.isprintable() for line in lines)


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_keys_and_clients_are_neither_pickled_nor_copied(kind: str, copied: Callable[[Any], Any]) -> None:
    with connected(kind, Script(OK)) as both:
        both.do(stop)
        client = both.client
        for thing in (client, client.with_options(timeout=5), client._key, client._session.key()):
            with pytest.raises(TypeError):
                copied(thing)
    with pytest.raises(TypeError):
        pickle.dumps(client._session)


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
    with pytest.raises(ConfigurationError) as caught, connected(kind, Script(OK), api_key=spoilt):
        pass
    assert_clean(*told(caught.value))
    with pytest.raises(ConfigurationError) as caught, connected(kind, Script(OK), api_key="x", base_url=KEY):
        pass
    assert_clean(*told(caught.value))


@pytest.mark.parametrize("made", [CoCalc, AsyncCoCalc])
def test_tools_that_show_variables_can_show_those_of_a_refused_client(made: Any) -> None:
    for options in (
        {"api_key": f"{KEY}\n"},
        {"api_key": KEY, "max_retries": -1},
        {"api_key": KEY, "auth": "x"},
    ):
        with pytest.raises(ConfigurationError) as caught:
            made(**options)
        trace = caught.value.__traceback__
        assert trace is not None
        shown = traceback.TracebackException(
            type(caught.value), caught.value, trace.tb_next, capture_locals=True
        )
        text = "".join(shown.format())
        assert "self = <" in text
        assert_clean(text)


def test_an_interrupted_call_shows_no_key_in_its_traceback(kind: str) -> None:
    def interrupted(request: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    with connected(kind, interrupted) as both, pytest.raises(KeyboardInterrupt) as caught:
        both.call("new/route")
    text = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert_clean(text)
    assert chain(caught.value) == [caught.value]
