"""Directories, from the database and live."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from cocalc_facade._errors import (
    CommandError,
    ConnectionFailed,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    ServerError,
)


@pytest.fixture
def tree(bench: Any) -> Any:
    files = bench.standin.project.files
    for directory in ("sub", "sub/deeper", "empty"):
        files.make_directory(files.resolve(directory), 0.0)
    for path, content in (
        ("a.txt", b"hello"),
        ("sub/b.txt", b""),
        ("sub/deeper/c.txt", b"x" * 10),
        ("od d\n\t;name", b"1"),
    ):
        files.write(files.resolve(path), content, 1_700_000_000.0)
    return files


def row(**changes: Any) -> dict[str, Any]:
    base = {
        "time": "2026-01-01T00:00:00.000Z",
        "listing": [{"name": "a.txt", "size": 5, "mtime": 1_700_000_000}],
    }
    return {"query": {"listings": [base | changes]}}


def test_a_directory_that_somebody_looked_at_is_known_with_its_age(
    bench: Any, client: Any, tree: Any
) -> None:
    bench.standin.project.listings["sub"] = bench.clock.now()
    bench.standin.clock.advance(3600)
    listing = client.list_directory(bench.project_id, "sub/", live=False)
    assert sorted(listing.names()) == ["b.txt", "deeper"]
    assert {entry.name: entry.is_dir for entry in listing} == {"b.txt": False, "deeper": True}
    assert listing.as_of == datetime(2026, 1, 1, tzinfo=UTC)
    assert not listing.live
    assert listing.complete
    assert bench.seen("exec") == []


def test_sizes_and_times_are_told(bench: Any) -> None:
    client = bench.client(script={"user-query": [row()]})
    [entry] = client.list_directory(bench.project_id, live=False)
    assert (entry.path, entry.size, entry.mtime) == ("a.txt", 5, datetime.fromtimestamp(1_700_000_000, UTC))


def test_a_directory_that_nobody_looked_at_is_an_error_and_no_empty_listing(
    bench: Any, client: Any, tree: Any
) -> None:
    with pytest.raises(NotFoundError, match=r"the database knows no listing of 'empty'.*live=True"):
        client.list_directory(bench.project_id, "empty", live=False)


def test_a_row_without_a_listing_is_an_error_too(bench: Any) -> None:
    client = bench.client(script={"user-query": [row(listing=None)]})
    with pytest.raises(NotFoundError):
        client.list_directory(bench.project_id, live=False)


def test_a_directory_that_was_gone_when_looked_at_is_not_found(bench: Any, client: Any, tree: Any) -> None:
    bench.standin.project.listings["gone"] = bench.clock.now()
    with pytest.raises(NotFoundError, match="ENOENT"):
        client.list_directory(bench.project_id, "gone", live=False)


def test_entries_that_the_database_left_out_are_counted(bench: Any) -> None:
    client = bench.client(script={"user-query": [row(missing=17)]})
    listing = client.list_directory(bench.project_id, live=False)
    assert (listing.missing, listing.complete) == (17, False)
    assert "17 missing" in repr(listing)


def test_the_listing_of_a_compute_server_is_not_taken_for_the_projects(bench: Any) -> None:
    client = bench.client(script={"user-query": [row(compute_server_id=3)] * 2})
    with pytest.raises(NotFoundError):
        client.list_directory(bench.project_id, live=False)
    assert client.list_directory(bench.project_id, compute_server_id=3, live=False).names() == ["a.txt"]


def test_the_live_listing_asks_the_project(bench: Any, client: Any, tree: Any) -> None:
    listing = client.list_directory(bench.project_id, live=True)
    found = {entry.name: entry for entry in listing}
    assert set(found) == {"a.txt", "sub", "empty", "od d\n\t;name"}
    assert (found["a.txt"].size, found["a.txt"].is_dir, found["sub"].is_dir) == (5, False, True)
    assert found["a.txt"].mtime == datetime.fromtimestamp(1_700_000_000, UTC)
    assert listing.live


def test_a_live_listing_of_an_empty_directory_is_empty(bench: Any, client: Any, tree: Any) -> None:
    assert len(client.list_directory(bench.project_id, "empty", live=True)) == 0


def test_a_live_listing_of_nothing_is_not_found(bench: Any, client: Any, tree: Any) -> None:
    with pytest.raises(NotFoundError, match="No such file"):
        client.list_directory(bench.project_id, "nothing", live=True)


def test_a_live_listing_of_a_file_is_an_error_and_no_empty_listing(
    bench: Any, client: Any, tree: Any
) -> None:
    with pytest.raises(CommandError, match="Not a directory"):
        client.list_directory(bench.project_id, "a.txt", live=True)


def test_a_directory_with_more_names_than_output_is_incomplete_and_says_so(bench: Any) -> None:
    one = "f\0f\0005\0001700000000.5\0a.txt\0\0"
    text = (one + "f\0f\0005\0001700")[:40].ljust(1_000_000, "x") + " (truncated at 1000000 characters)"
    answer = {"stdout": text, "stderr": "", "exit_code": 0, "type": "blocking"}
    listing = bench.client(script={"exec": [answer]}).list_directory(bench.project_id, live=True)
    assert listing.names() == ["a.txt"]
    assert (listing.missing, listing.complete) == (None, False)


def test_links_are_told_and_not_followed(bench: Any) -> None:
    top = "l\0d\0005\0001.0\0loop\0.\0" + "d\0d\0005\0001.0\0sub\0\0"
    answers = [{"stdout": text, "stderr": "", "exit_code": 0, "type": "blocking"} for text in (top, "")]
    client = bench.client(script={"exec": answers})
    listings = list(client.walk_directory(bench.project_id))
    assert [listing.path for listing in listings] == ["", "sub"]
    assert (listings[0][0].is_link, listings[0][0].link_target) == (True, ".")


def test_a_walk_gives_every_directory_before_what_it_holds(bench: Any, client: Any, tree: Any) -> None:
    walked = [listing.path for listing in client.walk_directory(bench.project_id)]
    assert sorted(walked) == ["", "empty", "sub", "sub/deeper"]
    assert walked.index("") < walked.index("sub") < walked.index("sub/deeper")
    assert [listing.path for listing in client.project(bench.project_id).walk("sub")] == ["sub", "sub/deeper"]


def test_a_walk_asks_only_as_far_as_it_is_followed(bench: Any, client: Any, tree: Any) -> None:
    walk = iter(client.walk_directory(bench.project_id))
    next(walk)
    walk.close()
    assert len(bench.seen("exec")) == 1


def test_the_project_is_asked_unless_told_otherwise(bench: Any, client: Any, tree: Any) -> None:
    assert client.list_directory(bench.project_id).live
    assert client.project(bench.project_id).files().live
    assert bench.seen("user-query") == []


def test_an_empty_table_is_said_to_be_no_news(bench: Any, client: Any, tree: Any) -> None:
    with pytest.raises(NotFoundError, match="servers since May 2025 keep no listings there"):
        client.list_directory(bench.project_id, live=False)


def told(*names: str, code: int = 0, kind: str = "f") -> dict[str, Any]:
    """What find says of these names."""
    text = "".join(f"{kind}\0{kind}\0005\0001.0\0{name}\0\0" for name in names)
    return {"stdout": text, "stderr": "", "exit_code": code, "type": "blocking"}


NOTHING = {
    "stdout": "",
    "stderr": "trouver: pas de tel fichier",
    "exit_code": 1,
    "type": "blocking",
}


@pytest.mark.parametrize("name", ["a\nb", "\n", " ", "-x", "*", "tab\there", "é\U0001f600", "a\\b"])
def test_names_of_any_kind_are_in_a_listing_as_they_are(bench: Any, name: str) -> None:
    listing = bench.client(script={"exec": [told(name, "b")]}).list_directory(bench.project_id)
    assert listing.names() == [name, "b"]
    assert listing.complete


def test_a_name_that_is_not_utf_8_makes_a_listing_incomplete(bench: Any) -> None:
    listing = bench.client(script={"exec": [told("a", "b\ufffd")]}).list_directory(bench.project_id)
    assert listing.names() == ["a", "b\ufffd"]
    assert (listing.complete, listing.missing) == (False, None)


def test_what_lies_below_a_name_that_is_not_utf_8_is_said_to_be_missing(bench: Any) -> None:
    script = {"exec": [told("b\ufffd", "c", kind="d"), NOTHING, NOTHING, told("d")]}
    listings = list(bench.client(script=script).walk_directory(bench.project_id))
    assert [(listing.path, listing.complete) for listing in listings] == [
        ("", False),
        ("b\ufffd", False),
        ("c", True),
    ]


def test_a_name_with_the_replacement_character_itself_is_walked(bench: Any) -> None:
    script = {"exec": [told("b\ufffd", kind="d"), told("e")]}
    listings = list(bench.client(script=script).walk_directory(bench.project_id))
    assert [listing.names() for listing in listings] == [["b\ufffd"], ["e"]]


def test_a_listing_that_find_could_not_finish_is_incomplete(bench: Any) -> None:
    assert not bench.client(script={"exec": [told("a", code=1)]}).list_directory(bench.project_id).complete


@pytest.mark.parametrize(("kind", "error"), [("", NotFoundError), ("N", NotFoundError), ("f", CommandError)])
def test_what_is_there_is_not_read_from_words(bench: Any, kind: str, error: type[Exception]) -> None:
    there = {"stdout": kind, "stderr": "", "exit_code": 0 if kind else 1, "type": "blocking"}
    client = bench.client(script={"exec": [NOTHING, there]})
    with pytest.raises(error, match="pas de tel fichier") as caught:
        client.list_directory(bench.project_id, "No such file")
    assert type(caught.value) is error


def test_a_project_that_does_not_start_lists_nothing(bench: Any) -> None:
    bench.standin.oddities.start_fails = True
    bench.standin.project.stop(bench.clock.now(), 0.0)
    client = bench.client()
    with pytest.raises(ServerError, match="could not be started, so nothing ran"):
        client.list_directory(bench.project_id)
    with pytest.raises(ServerError, match="could not be started, so nothing ran"):
        list(client.walk_directory(bench.project_id))


def test_a_directory_removed_during_a_walk_is_passed_over(bench: Any, client: Any, tree: Any) -> None:
    paths = []
    for listing in client.walk_directory(bench.project_id):
        paths.append(listing.path)
        tree.remove(tree.resolve("sub/deeper"))
    assert "sub" in paths
    assert "sub/deeper" not in paths


def test_a_walk_through_the_database_fails_where_it_knows_nothing(bench: Any, client: Any, tree: Any) -> None:
    bench.standin.project.listings[""] = bench.clock.now()
    walk = iter(client.walk_directory(bench.project_id, live=False))
    assert next(walk).path == ""
    with pytest.raises(NotFoundError):
        list(walk)


def test_a_walk_that_loses_its_connection_raises(bench: Any, tree: Any) -> None:
    client = bench.client(script={"exec": [..., httpx.ReadError("reset")]})
    with pytest.raises(ConnectionFailed):
        list(client.walk_directory(bench.project_id))


def test_strangers_are_refused(bench: Any, client: Any) -> None:
    for live in (False, True):
        with pytest.raises(PermissionDeniedError):
            client.list_directory(bench.standin.second_project.project_id, live=live)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("x",), "project_id"),
        ((..., "../etc"), "path"),
        ((..., "a/../../b"), "path"),
        ((..., "/etc"), "path: '/etc' is absolute"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    bench: Any, client: Any, arguments: Any, words: str
) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        client.list_directory(
            *[bench.project_id if value is ... else value for value in arguments], live=False
        )
    assert bench.seen() == []


def test_a_listing_is_a_table(bench: Any) -> None:
    listing = bench.client(script={"user-query": [row(listing=[{"name": "<i>.txt"}])]}).list_directory(
        bench.project_id, live=False
    )
    html = listing._repr_html_()
    assert "&lt;i&gt;.txt" in html
    assert "<i>.txt" not in html
    assert listing.to_records()[0]["name"] == "<i>.txt"
