"""A client in a folder of its own: what is there is its own past, whoever else's files lie there, and wherever the folder is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.regenerate import REFUSED, UP_TO_DATE, main
from tests.pipeline.web import http, web

ROOT = Path(__file__).parents[2]
TEXT = {"type": "string"}
BARE = ["--overlay", "none", "--supplement", "none"]


def document(*routes: str, **fields: Any) -> dict[str, Any]:
    media = {"application/json": {"schema": {"type": "object", "properties": {"f": TEXT, **fields}}}}
    post = {"requestBody": {"content": media}, "responses": {"200": {"description": "", "content": media}}}
    paths = {f"/api/v2/{route}": {"post": {**post, "operationId": route}} for route in routes}
    return {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": paths}


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., int]:
    """Run with a document in a file, for the folder `out`."""

    def run(found: dict[str, Any], *options: str) -> int:
        (tmp_path / "published.json").write_text(json.dumps(found))
        source = ["--source", str(tmp_path / "published.json"), *BARE]
        return main([*source, "--output", str(tmp_path / "out"), *options])

    return run


def test_a_server_that_says_nothing_changed_gives_the_client_of_this_server_again(tmp_path: Path) -> None:
    published = json.dumps(document("one")).encode()

    def answer(request: bytes) -> bytes:
        if b'if-none-match: "v1"' in request.lower():
            return http(status="304 Not Modified", ETag='"v1"')
        return http(published, ETag='"v1"')

    with web({"/openapi.json": answer}) as server:
        command = ["--source", f"{server.url}/openapi.json", *BARE, "--output", str(tmp_path)]
        assert main(command) == UP_TO_DATE
        first = (tmp_path / "openapi" / "client.json").read_bytes()
        assert main(command) == UP_TO_DATE
        assert (tmp_path / "openapi" / "client.json").read_bytes() == first
        assert b"if-none-match" in server.requests[-1].lower()
        # What is not the document that was fetched is not taken for it.
        (tmp_path / "openapi" / "upstream.json").write_text(json.dumps(document("other")))
        assert main(command) == UP_TO_DATE
        assert b"if-none-match" not in server.requests[-1].lower()
        assert (tmp_path / "openapi" / "client.json").read_bytes() == first


def test_a_check_compares_with_the_client_in_the_folder(
    tmp_path: Path, make: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert make(document("one"), "--check") == REFUSED
    assert "has no client that --check could compare with" in capsys.readouterr().err
    assert make(document("one", "two")) == UP_TO_DATE
    before = {place: place.read_bytes() for place in tmp_path.joinpath("out").rglob("*") if place.is_file()}
    assert make(document("one", "two"), "--check") == UP_TO_DATE
    assert make(document("one", "two", g=TEXT), "--check") == 10
    assert make(document("one"), "--check", "--accept-mass-removal") == 20
    after = {place: place.read_bytes() for place in tmp_path.joinpath("out").rglob("*") if place.is_file()}
    assert after == before


@pytest.mark.parametrize(
    "theirs", ["docs/coverage.md", "docs/reference/routes/mine.md", "openapi/client.json"]
)
def test_files_that_no_run_wrote_are_not_replaced(
    tmp_path: Path, make: Callable[..., int], capsys: pytest.CaptureFixture[str], theirs: str
) -> None:
    place = tmp_path / "out" / theirs
    place.parent.mkdir(parents=True)
    place.write_text("mine")
    assert make(document("one")) == REFUSED
    assert "choose another folder" in capsys.readouterr().err
    assert [p for p in (tmp_path / "out").rglob("*") if p.is_file()] == [place]
    assert place.read_text() == "mine"


def test_a_folder_with_other_things_in_it_keeps_them(tmp_path: Path, make: Callable[..., int]) -> None:
    others = ["README.md", "docs/index.md", "openapi/mine.yaml", "generated/other/__init__.py"]
    for name in others:
        (tmp_path / "out" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "out" / name).write_text(name)
    assert make(document("one")) == UP_TO_DATE
    assert [(tmp_path / "out" / name).read_text() for name in others] == others


def test_a_file_or_the_repository_is_no_folder_for_a_client(
    tmp_path: Path, make: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").write_text("mine")
    assert make(document("one")) == REFUSED
    assert "out is a file; a folder is needed" in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == "mine"
    assert main(["--offline", "--output", str(ROOT / "docs" / "..")]) == REFUSED
    assert "--output is this repository" in capsys.readouterr().err


@pytest.mark.parametrize(
    "damage",
    [{"etag": 5}, {"source": []}, {"inputs": None}, {"date": 5}, {"inputs": {}}, {"etag": '"é"'}],
    ids=json.dumps,
)
def test_a_damaged_lock_is_made_anew_and_hinders_no_fetch(tmp_path: Path, damage: dict[str, Any]) -> None:
    with web({"/openapi.json": http(json.dumps(document("one")).encode(), ETag='"v1"')}) as server:
        command = ["--source", f"{server.url}/openapi.json", *BARE, "--output", str(tmp_path)]
        assert main(command) == UP_TO_DATE
        lock = tmp_path / "openapi" / "lock.json"
        whole = json.loads(lock.read_text())
        lock.write_text(json.dumps({**whole, **damage}))
        assert main(command) == UP_TO_DATE
        assert len(server.requests) == 2
        if damage.keys() != {"etag"} or isinstance(damage["etag"], int):
            assert json.loads(lock.read_text()) == whole
