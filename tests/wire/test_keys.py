"""Keys, hosts and timeouts: what people paste, and what is said when it cannot be meant."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade import CoCalc, CoCalcWarning, ConfigurationError, Timeout
from cocalc_facade._wire.hosts import parse_host
from cocalc_facade._wire.keys import Key

from .wires import KEY


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


def test_the_key_is_found_in_the_environment_or_in_a_file_of_ones_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    monkeypatch.setenv("COCALC_API_KEY_FILE", str(file))
    file.chmod(0o644)
    with pytest.warns(CoCalcWarning, match="read by everybody"):
        CoCalc()
    file.chmod(0o600)
    assert "account or project" in repr(CoCalc())
    monkeypatch.setenv("COCALC_API_KEY", "sk_abcdefghijklmnopqrstuvwx")
    assert "legacy" in repr(CoCalc())
    assert "scoped" in repr(CoCalc("sk-cc-v2.a.b"))
    monkeypatch.delenv("COCALC_API_KEY")
    monkeypatch.setenv("COCALC_API_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        CoCalc()


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
