"""The body of an answer: however it is compressed and cut, it is given whole, or said not to be."""

from __future__ import annotations

import gzip
import zlib
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade import UnexpectedResponse
from cocalc_facade._wire.bodies import Body, UnreadableError

from .sockets import misbehaving, says
from .wires import connected

LIMIT = 5000
pieces = st.lists(st.binary(max_size=400), min_size=1, max_size=5)


def body(coding: str | None, limit: int = LIMIT) -> Body:
    headers = {} if coding is None else {"content-encoding": coding}
    step: Any = SimpleNamespace(limit=limit, deadline=1e18)
    return Body(headers, step, lambda: 0.0)


def read(coding: str | None, data: bytes, cuts: list[int], limit: int = LIMIT) -> bytes:
    taken = body(coding, limit)
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for begin, end in pairwise(places):
        if begin != end:
            taken.add(data[begin:end])
    return taken.whole()


def deflated(data: bytes) -> bytes:
    maker = zlib.compressobj(wbits=-15)
    return maker.compress(data) + maker.flush()


@given(pieces, st.lists(st.integers(0, 10_000), max_size=6), st.integers(0, 9))
def test_every_member_of_a_gzip_body_is_read_wherever_it_is_cut(
    parts: list[bytes], cuts: list[int], padding: int
) -> None:
    data = b"".join(gzip.compress(part) for part in parts) + b"\0" * padding
    assert read("gzip", data, cuts) == b"".join(parts)


@given(st.binary(max_size=400), st.lists(st.integers(0, 10_000), max_size=6), st.booleans())
def test_both_kinds_of_deflate_are_read_wherever_they_are_cut(
    data: bytes, cuts: list[int], raw: bool
) -> None:
    assert read("deflate", deflated(data) if raw else zlib.compress(data), cuts) == data


@given(pieces, st.integers(1, 10_000), st.lists(st.integers(0, 10_000), max_size=3))
def test_a_body_that_breaks_off_is_never_given_as_whole(
    parts: list[bytes], place: int, cuts: list[int]
) -> None:
    members = [gzip.compress(part) for part in parts]
    data = b"".join(members)
    kept = len(data) - 1 - place % (len(data) - 1)
    ends = {sum(map(len, members[:n])) for n in range(len(members) + 1)}
    if kept in ends:
        return  # what is left is whole by itself
    with pytest.raises(UnreadableError) as caught:
        read("gzip", data[:kept], cuts)
    assert caught.value.kind == "truncated"


@given(
    st.sampled_from(["gzip", "x-gzip", "deflate"]),
    st.binary(min_size=1, max_size=3000),
    st.lists(st.integers(0, 10_000), max_size=6),
)
def test_junk_after_a_compressed_body_is_said_and_not_kept(coding: str, junk: bytes, cuts: list[int]) -> None:
    junk = b"j" + junk
    data = (zlib.compress(b"{}") if coding == "deflate" else gzip.compress(b"{}")) + junk
    with pytest.raises(UnreadableError, match="something follows") as caught:
        read(coding, data, cuts)
    assert caught.value.kind == "encoding"


@given(
    st.binary(max_size=60),
    st.lists(st.integers(0, 100), max_size=3),
    st.sampled_from(["gzip", "deflate", None, "identity", "GZIP "]),
)
def test_any_bytes_are_a_body_or_an_error_of_ours(data: bytes, cuts: list[int], coding: str | None) -> None:
    kind = None
    try:
        read(coding, data, cuts)
    except UnreadableError as error:
        kind = error.kind
    assert kind in (None, "encoding", "truncated")


def test_what_follows_the_end_takes_no_memory() -> None:
    taken = body("gzip", limit=1000)
    taken.add(gzip.compress(b"{}"))
    for _ in range(50):
        taken.add(b"x" * 65536)
    inflate = taken._inflate
    assert inflate is not None
    assert len(inflate._head) + len(inflate._stream.unused_data) < 1000
    with pytest.raises(UnreadableError, match="something follows"):
        taken.whole()


@pytest.mark.parametrize("members", [1, 2, 50])
def test_the_limit_counts_what_is_given_of_all_members(members: int) -> None:
    data = gzip.compress(b" " * (LIMIT // members)) * members
    assert len(read("gzip", data, [])) == LIMIT // members * members
    with pytest.raises(UnreadableError, match="larger than the limit") as caught:
        read("gzip", data + gzip.compress(b" " * 100), [100, 101])
    assert caught.value.kind == "too-large"


@pytest.mark.parametrize("size", [500, 2_000_000, 20_000_000])
@pytest.mark.parametrize("coding", [None, "gzip"])
def test_what_is_too_large_is_said_to_be_so_with_its_start_whatever_its_size(
    kind: str, size: int, coding: str | None
) -> None:
    """Also where the very first piece that came is over the limit already."""
    content = b"x" * size
    headers = {} if coding is None else {"Content_Encoding": coding}
    limit = size * 3 // 4
    with (
        misbehaving(says(content if coding is None else gzip.compress(content), **headers)) as server,
        connected(kind, None, server.url, max_response_bytes=limit) as both,
        pytest.raises(UnexpectedResponse, match=f"larger than the limit of {limit} bytes") as caught,
    ):
        both.call("new/route")
    assert set(caught.value.body) <= {"x"}


def test_an_empty_body_is_empty_whatever_it_claims() -> None:
    for coding in ("gzip", "deflate", None):
        assert read(coding, b"", []) == b""


def test_members_are_one_answer_over_the_wire(kind: str) -> None:
    data = gzip.compress(b'{"a":1,') + gzip.compress(b'"b":2}')
    with (
        misbehaving(says(data, Content_Encoding="gzip")) as server,
        connected(kind, None, server.url) as both,
    ):
        assert both.call("new/route") == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    "charset", ["utf-8", "UTF8", "nonsense", "\xff\xfe", "utf-16; x=1", '"', "", "a" * 5000]
)
def test_a_charset_that_nobody_knows_changes_nothing(kind: str, charset: str) -> None:
    """JSON is UTF-8, whatever a server calls it."""
    answer = says('{"title":"für"}'.encode(), Content_Type="X")
    wire: list[bytes] = []

    def spoilt(connection: Any) -> None:
        answer(SimpleNamespace(sendall=wire.append))
        connection.sendall(
            wire[-1].replace(b"X", b"application/json; charset=" + charset.encode("latin-1"), 1)
        )

    with misbehaving(spoilt) as server, connected(kind, None, server.url) as both:
        assert both.call("new/route") == {"title": "für"}
