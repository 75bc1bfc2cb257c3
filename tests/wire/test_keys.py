"""Keys, hosts and timeouts: what people paste, and what is said when it cannot be meant."""

from __future__ import annotations

import os
import string
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade import (
    AsyncCoCalc,
    CoCalc,
    CoCalcWarning,
    ConfigurationError,
    RateLimitError,
    TimedOut,
    Timeout,
)
from cocalc_facade._wire.hosts import parse_host
from cocalc_facade._wire.keys import Key, source

from .wires import KEY, OK, PROJECT, FakeClock, Script, connected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("sk_abcdefghijklmnopqrstuvwx", "legacy account"),
        (KEY, "account or project"),
        ("sk-cc-v2.abc.def-_", "scoped"),
        ("something-else", "unrecognised"),
    ],
)
def test_the_kind_of_a_key_is_told_from_its_form(text: str, kind: str) -> None:
    assert Key(text).kind == kind


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        ("  ", "empty"),
        (f" {KEY}", "white space around"),
        (f"{KEY}\n", "white space around"),
        (f"'{KEY}'", "quotes"),
        (f"COCALC_API_KEY={KEY}", "has a name before it"),
        (f"Bearer {KEY}", "scheme"),
        (f"basic {KEY}", "scheme"),
        ("https://cocalc.com", "address"),
        (f"{KEY}\x7f", "control"),
        (f"{KEY}é", "ASCII"),
        (f"{KEY[:9]} {KEY[9:]}", "white space in it"),
        (f":{KEY}", "password half"),
        (f"me:{KEY}", "password half"),
        (f"{KEY}:", "colon"),
        (f"{KEY}:x", "colon"),
        (5, "text"),
    ],
)
def test_a_spoilt_key_gets_its_own_message(text: Any, word: str) -> None:
    with pytest.raises(ConfigurationError, match=word):
        CoCalc(text)


def test_the_argument_comes_before_the_environment_and_that_before_the_file_it_names(
    monkeypatch: pytest.MonkeyPatch, key_file: Path
) -> None:
    assert "account or project" in repr(CoCalc())
    monkeypatch.setenv("COCALC_API_KEY", "sk_abcdefghijklmnopqrstuvwx")
    assert "legacy" in repr(CoCalc())
    assert "scoped" in repr(CoCalc("sk-cc-v2.a.b"))
    monkeypatch.setenv("COCALC_API_KEY", "")
    assert "account or project" in repr(CoCalc()), "an empty variable is none"
    monkeypatch.delenv("COCALC_API_KEY_FILE")
    assert "no key" in repr(CoCalc())


def test_a_refusal_names_where_the_key_came_from(monkeypatch: pytest.MonkeyPatch, key_file: Path) -> None:
    key_file.write_text("")
    with pytest.raises(ConfigurationError, match=rf"{key_file} \(COCALC_API_KEY_FILE\) is empty"):
        CoCalc()
    monkeypatch.setenv("COCALC_API_KEY", f"{KEY}\n")
    with pytest.raises(ConfigurationError, match="COCALC_API_KEY has white space around it"):
        CoCalc()


@pytest.fixture
def key_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file of one's own, in a folder of one's own, that COCALC_API_KEY_FILE names."""
    tmp_path.chmod(0o700)
    file = tmp_path / "key"
    file.touch(0o600)
    file.write_text(KEY)
    monkeypatch.setenv("COCALC_API_KEY_FILE", str(file))
    return file


@pytest.mark.parametrize(
    "content",
    [
        f"{KEY}\n".encode(),
        f"{KEY}\r\n".encode(),
        f"  {KEY}\t\n\n".encode(),
        f"\ufeff{KEY}\r\n".encode(),
        f"{KEY}\r\n".encode("utf-16"),
        b"\xfe\xff" + KEY.encode("utf-16-be"),
    ],
)
def test_what_editors_and_shells_put_around_a_key_in_a_file_is_taken_off(
    key_file: Path, content: bytes
) -> None:
    key_file.write_bytes(content)
    key = source(None)()
    assert key is not None
    assert key.header("bearer") == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (f"{KEY}\n{KEY}\n".encode(), "control characters"),
        (b"\xff\x00\xff", "not text"),
        (KEY.encode() * 400, "too large"),
        (f"COCALC_API_KEY={KEY} x".encode(), "white space in it"),
    ],
)
def test_a_file_that_holds_no_key_alone_is_refused(key_file: Path, content: bytes, word: str) -> None:
    key_file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=word) as caught:
        CoCalc()
    assert KEY not in str(caught.value)


def test_a_file_that_cannot_be_read_is_refused(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (key_file.with_name("none"), key_file.parent):
        monkeypatch.setenv("COCALC_API_KEY_FILE", str(name))
        with pytest.raises(ConfigurationError, match=f"COCALC_API_KEY_FILE: {name} cannot be read: "):
            CoCalc()


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o440, 0o640])
def test_a_file_that_its_owner_and_group_read_is_taken_without_a_word(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    CoCalc()


@pytest.mark.parametrize(
    ("mode", "folder", "words"),
    [
        (0o444, 0o700, "read by everybody"),
        (0o644, 0o700, "read by everybody"),
        (0o620, 0o700, "written to by others"),
        (0o602, 0o700, "written to by others"),
        (0o600, 0o770, "folder where others can put another file"),
        (0o400, 0o777, "folder where others can put another file"),
    ],
)
def test_a_file_that_others_read_or_change_is_taken_with_a_warning(
    key_file: Path, mode: int, folder: int, words: str
) -> None:
    key_file.chmod(mode)
    key_file.parent.chmod(folder)
    with pytest.warns(CoCalcWarning, match=words) as told:
        assert "account or project" in repr(CoCalc())
    assert [warning.filename for warning in told] == [__file__]
    assert str(key_file) in str(told[0].message)


def test_a_folder_in_which_nobody_removes_the_files_of_others_is_as_good_as_ones_own(key_file: Path) -> None:
    key_file.parent.chmod(0o1777)
    CoCalc()


def test_the_place_that_a_link_leads_to_counts(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key_file.chmod(0o644)
    link = key_file.parent / "mine" / "link"
    link.parent.mkdir(0o700)
    link.symlink_to(key_file)
    monkeypatch.setenv("COCALC_API_KEY_FILE", str(link))
    with pytest.warns(CoCalcWarning, match="read by everybody"):
        CoCalc()


def test_what_a_container_gives_is_taken_without_a_word_whatever_its_mode(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kubernetes: a link to a link to a file that anyone reads, in a folder that anyone writes to, on a mount that nobody writes to."""
    mount = key_file.parent / "secrets"
    version = mount / "..2026"
    version.mkdir(parents=True)
    (version / "key").write_text(KEY)
    (version / "key").chmod(0o444)
    (mount / "..data").symlink_to("..2026")
    (mount / "key").symlink_to("..data/key")
    version.chmod(0o777)
    monkeypatch.setenv("COCALC_API_KEY_FILE", str(mount / "key"))
    monkeypatch.setattr("cocalc_facade._wire.keys.files.MOUNTS", (str(mount),))
    CoCalc()


def test_a_file_of_another_user_is_warned_about(key_file: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    os.chown(key_file, 12345, -1)
    with pytest.warns(CoCalcWarning, match="another user"):
        CoCalc()


@pytest.mark.parametrize(
    "failure",
    [
        ConnectionResetError("vault"),
        TimeoutError("vault"),
        PermissionError(13, "no"),
        httpx.ConnectError("vault"),
        httpx.ReadTimeout("vault"),
        RuntimeError("sealed"),
        StopIteration(),
        StopAsyncIteration(),
        TimedOut("another server", maybe_executed=True),
        RateLimitError("another server", retry_after=0.0),
    ],
    ids=repr,
)
def test_what_fails_in_a_callable_is_no_fault_of_the_wire(kind: str, failure: Exception) -> None:
    asked = []

    def vault() -> str:
        asked.append(1)
        raise failure

    script = Script(OK)
    with connected(kind, script, api_key=vault) as both:
        for act in (
            lambda: both.call("projects/create"),
            lambda: both.call("ping"),
            lambda: both.call("made/up"),
        ):
            with pytest.raises(ConfigurationError, match=type(failure).__name__) as caught:
                act()
            assert caught.value.__cause__ is failure
            assert caught.value.maybe_executed is False
    assert script.requests == []
    assert len(asked) == 3, "nothing is repeated"


@pytest.mark.parametrize("failure", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_an_interruption_in_a_callable_stays_what_it_is(failure: type[BaseException]) -> None:
    def vault() -> str:
        raise failure

    with connected("sync", Script(OK), api_key=vault) as both, pytest.raises(failure):
        both.call("ping")


async def asynchronous() -> str:
    return KEY


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, "must be text, not NoneType"),
        ("", "is empty"),
        (5, "must be text, not int"),
        (KEY.encode(), "must be text, not bytes"),
        (f"{KEY}\n", "white space around"),
        (f"user:{KEY}", "password half"),
        (asynchronous, "asynchronous"),
    ],
)
def test_what_a_callable_gives_is_checked_and_named(kind: str, given: Any, words: str) -> None:
    script = Script(OK)
    give = (lambda: given()) if callable(given) else (lambda: given)
    with connected(kind, script, api_key=give) as both:
        with pytest.raises(ConfigurationError, match=f"callable.*{words}") as caught:
            both.call("projects/create")
        assert KEY not in str(caught.value)
    assert script.requests == []


def test_an_asynchronous_callable_is_refused_at_once() -> None:
    for cls in (CoCalc, AsyncCoCalc):
        with pytest.raises(ConfigurationError, match="asynchronous"):
            cls(asynchronous)  # type: ignore[arg-type]


def test_a_callable_is_asked_once_a_call_and_what_it_gives_is_sent_with_every_try(kind: str) -> None:
    keys = [f"sk-Rotated00000000000{number}" for number in range(9)]
    left = iter(keys)
    busy = httpx.Response(503)
    script = Script(busy, busy, {"project_id": PROJECT, **OK}, OK)
    seen: list[Any] = []
    with connected(
        kind, script, api_key=lambda: next(left), auth="bearer", on_request=seen.append, _clock=FakeClock()
    ) as both:
        both.do(lambda client: client.projects.stop(project_id=PROJECT))
        both.viewed(timeout=5).call("made/up")
    sent = [request.headers["authorization"].removeprefix("Bearer ") for request in script.requests]
    assert sent == [keys[0], keys[0], keys[0], keys[1]]
    assert len(seen) == len(sent)


def test_a_map_keeps_what_was_done_when_a_callable_begins_to_fail(kind: str) -> None:
    left = iter([KEY, KEY])
    with connected(kind, Script(OK), api_key=lambda: next(left)) as both:
        ids = [PROJECT] * 4
        outcomes = both.do(
            lambda client: client.map("projects/stop", [{"project_id": name} for name in ids], concurrency=1)
        )
    assert [outcome.ok for outcome in outcomes] == [True, True, False, False]
    assert all(isinstance(outcome.error, ConfigurationError) for outcome in outcomes[2:])


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("cocalc.com", "https://cocalc.com"),
        ("https://cocalc.com/", "https://cocalc.com"),
        ("https://cocalc.com/api/v2", "https://cocalc.com"),
        ("https://cocalc.com/api/v2/", "https://cocalc.com"),
        ("cocalc.example:8080/base/path/", "https://cocalc.example:8080/base/path"),
        ("https://cocalc.example/base/path/api/v2", "https://cocalc.example/base/path"),
        ("localhost:5000", "http://localhost:5000"),
        ("127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("http://[::1]:5000/x//y", "http://[::1]:5000/x/y"),
        (" 'https://cocalc.com' ", "https://cocalc.com"),
        ("HTTPS://CoCalc.com", "https://cocalc.com"),
    ],
)
def test_what_people_paste_as_a_host_is_understood(text: str, base: str) -> None:
    assert parse_host(text).base == base


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://cocalc.com",
        "ftp://x",
        "https://",
        "https://.",
        "https://a..b",
        "https://x..",
        f"https://{'x' * 64}.example",
        "https://me:pw@x",
        "https://x?a=1",
        "https://x#a",
        "https://x/../y",
        "a b",
        "https://x:99999",
        "http://127.0.0.1.evil.com",
        "http://localhost.evil.com",
        "https://[::1",
        KEY,
        5,
    ],
)
def test_a_host_that_cannot_be_meant_is_refused(text: Any) -> None:
    with pytest.raises(ConfigurationError):
        CoCalc(KEY, text)


def test_plain_http_to_another_machine_only_when_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "lan.example" in repr(CoCalc(KEY, "http://lan.example", allow_plain_http=True))
    monkeypatch.setenv("COCALC_HOST", "http://lan.example")
    with pytest.raises(ConfigurationError, match="in clear"):
        CoCalc(KEY)


@given(st.text(alphabet=string.printable, max_size=60))
def test_any_text_is_a_host_or_an_error_that_says_why(text: str) -> None:
    try:
        host = parse_host(text)
    except ConfigurationError:
        return
    assert host.secure or host.loopback
    assert parse_host(host.base).base == host.base


@given(st.text(max_size=60))
def test_any_text_is_a_key_that_fits_into_a_header_or_an_error(text: str) -> None:
    try:
        key = Key(text)
    except ConfigurationError:
        return
    assert key.header("bearer").isascii()
    assert "\n" not in key.header("basic")


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), True, "5"])
def test_a_timeout_is_a_positive_number_and_never_none(value: Any) -> None:
    with pytest.raises(ConfigurationError):
        CoCalc(KEY, timeout=value)
    with pytest.raises(ConfigurationError):
        Timeout(connect=value)


def test_no_part_of_a_timeout_is_longer_than_the_whole() -> None:
    assert Timeout(5) == Timeout(5, connect=5, read=5, write=5, pool=5)
    assert set(Timeout(2).phases.values()) == {2.0}


@pytest.mark.parametrize(
    "options",
    [
        {"max_retries": -1},
        {"max_retries": 1.5},
        {"auth": "digest"},
        {"max_connections": 0},
        {"on_request": 5},
        {"max_response_bytes": 0},
        {"max_rate_wait": -1},
    ],
)
def test_an_option_that_makes_no_sense_is_refused_by_name(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        CoCalc(KEY, **options)
