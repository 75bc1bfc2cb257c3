"""A key comes back in many forms, and is found in all of them; what is no key stays as it is."""

from __future__ import annotations

import json
import random
import string
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocalc_facade import ConfigurationError
from cocalc_facade._wire.keys import Key
from tests.rows import every_row

from .leaks import leaks
from .wires import KEY

MADE = st.text(alphabet=string.ascii_letters + string.digits + "-_.", min_size=8, max_size=48)
STRANGE = st.text(
    alphabet=[c for c in string.printable if c.isprintable() and c not in ": "], min_size=8, max_size=40
)


def is_key(text: str) -> bool:
    try:
        Key(text)
    except ConfigurationError:
        return False
    return True


KEYS = st.one_of(
    st.builds(str.__add__, st.sampled_from(["sk-", "sk_", "sk-cc-v2.", "sk-cocalc-v2."]), MADE), MADE, STRANGE
).filter(is_key)


def in_base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def for_urls(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


ENCODED: dict[str, Callable[[str], str]] = {
    "plain": str,
    "lower": str.lower,
    "header": lambda text: in_base64(f"{text}:"),
    "base64": in_base64,
    "base64 for URLs": for_urls,
    "user": lambda text: in_base64(f"user:{text}@host"),
    "password": lambda text: for_urls(f"me:{text}"),
    "header again": lambda text: in_base64("Basic " + in_base64(f"{text}:")),
    "header again, without padding": lambda text: for_urls("basic " + for_urls(f"{text}:")),
    "hexadecimal": lambda text: text.encode().hex(),
    "capital hexadecimal": lambda text: text.encode().hex().upper(),
}
ESCAPED: dict[str, Callable[[str], str]] = {
    "not": str,
    "URL": lambda text: quote(text, safe=""),
    "URL, all": lambda text: "".join(f"%{ord(c):02x}" for c in text),
    "URL, some": lambda text: "".join(f"%{ord(c):02X}" if not c.isalnum() else c for c in text),
    "JSON": lambda text: json.dumps(text),
    "JSON, all": lambda text: "".join(f"\\u{ord(c):04X}" for c in text),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "slashes": lambda text: text.replace("/", "\\/"),
    "Python": lambda text: repr(text.encode()),
    "Python, all": lambda text: "".join(f"\\x{ord(c):02x}" for c in text),
    "octal": lambda text: "".join(f"\\{ord(c):03o}" for c in text),
    "HTML": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "HTML, hexadecimal": lambda text: "".join(f"&#x{ord(c):X};" for c in text),
    "HTML, names": lambda text: text.replace("&", "&amp;").replace("_", "&lowbar;").replace(".", "&period;"),
    "mail": lambda text: "".join(f"={ord(c):02X}" for c in text),
    "Markdown": lambda text: "".join(f"\\{c}" if c in string.punctuation else c for c in text),
    "two bytes": lambda text: text.encode("utf-16-le").decode("latin-1"),
}


@every_row("escape", ESCAPED)
@every_row("encode", ENCODED)
def test_a_key_is_found_in_every_form(encode: str, escape: str) -> None:
    form = ESCAPED[escape](ENCODED[encode](KEY))
    if encode not in ("lower", "base64 for URLs") and escape != "two bytes":
        assert leaks(form, KEY), "the form can be read at all"
    shown = Key(KEY).redact(f"before <{form}> after")
    assert leaks(shown, KEY) == []
    assert shown.startswith("before <")
    assert shown.endswith("> after")


@given(
    KEYS, st.sampled_from(sorted(ENCODED)), st.lists(st.sampled_from(sorted(ESCAPED)), max_size=2), st.data()
)
@settings(max_examples=150)
def test_any_key_in_any_form_wherever_it_is_cut_is_found(
    key: str, encode: str, escapes: list[str], data: st.DataObject
) -> None:
    form = ENCODED[encode](key)
    for escape in escapes:
        form = ESCAPED[escape](form)
    start = data.draw(st.integers(0, len(form)))
    part = form[start : data.draw(st.integers(start, len(form)))]
    text = f"ü {part}"
    shown = Key(key).redact(text)
    assert leaks(shown, key) == []
    assert Key(key).redact(shown) == shown
    assert Key(key).redact(text.encode()) == shown.encode()


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_what_holds_no_key_is_given_back_itself(shown: str | bytes) -> None:
    assert Key(KEY).redact(shown) is shown


def test_fewer_than_eight_characters_and_the_start_that_all_keys_share_are_no_secret() -> None:
    assert Key("sk-cc-v2.AbCdEfGhIjKl").redact("keys start with sk-cc-v2.") == "keys start with sk-cc-v2."
    assert Key(KEY).redact(f"it ends with {KEY[-4:]}") == f"it ends with {KEY[-4:]}"
    assert Key(KEY).redact(f"it ends with {KEY[-8:]}") == "it ends with ***"


def test_a_key_of_a_few_characters_is_masked_where_it_stands_alone() -> None:
    key = Key("sk-abc")
    assert key.redact("what is sk-abc?") == "what is ***?"
    assert key.redact(key.header("basic")) == "Basic ***"
    assert key.redact("task-abcd") == "task-abcd"


HOSTILE: dict[str, bytes] = {
    "base64": b64encode(random.Random(1).randbytes(150_000)),
    "JSON": json.dumps({"error": 'x\n"y\\' * 100, "list": list(range(50))}).encode() * 200,
    "percent": b"%41" * 60_000,
    "percent of percent": b"%25" * 60_000,
    "percent of percent of percent": b"%" + b"25" * 100_000,
    "backslashes": b"\\" * 200_000,
    "ampersands": b"&amp;" * 40_000,
    "ampersands of ampersands": b"&" + b"amp;" * 50_000,
    "equals": b"=3d" * 60_000,
    "zeros in between": b"\0a" * 100_000,
    "the key": KEY.encode() * 8_000,
    "the start of the key": f"{KEY[:7]}!".encode() * 24_000,
    "every word of the key": "".join(f"{KEY[i : i + 4]}-" for i in range(20)).encode() * 2_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_long_texts_of_any_kind_take_moments(name: str) -> None:
    start = time.process_time()
    Key(KEY).redact(HOSTILE[name])
    assert (
        time.process_time() - start < 10
    )  # half a second at most; what looks back for each character takes minutes
