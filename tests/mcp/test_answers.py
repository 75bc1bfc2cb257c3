"""What results become: JSON, text, pictures, documents; bounded, and without the key."""

from __future__ import annotations

import json
import random
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade import CoCalcError, ConnectionFailed, RateLimitError
from cocalc_facade.mcp import answers, limits
from cocalc_facade.testing import StandIn
from tests.mcp.conftest import Connect, told

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
SOURCE = r"\documentclass{article}\begin{document}Hello\end{document}"

JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=300),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=60,
)


def put(standin: StandIn, path: str, content: bytes) -> dict[str, Any]:
    files = standin.project.files
    files.write(files.resolve(path), content, standin.clock.now())
    return {"project_id": standin.project.project_id, "path": path}


@pytest.mark.parametrize(
    ("error", "changes", "words"),
    [
        (RateLimitError("slow down", status=429), True, []),
        (RateLimitError("slow down", status=429, retry_after=90.0), True, ["Try again in 90 seconds"]),
        (ConnectionFailed("lost", maybe_executed=True), True, ["It may have been done"]),
        (ConnectionFailed("lost", maybe_executed=True), False, []),
    ],
)
def test_an_error_says_what_to_do_where_there_is_something(
    error: CoCalcError, changes: bool, words: list[str]
) -> None:
    first, *more = told(answers.failure(error, str, changes=changes)).splitlines()
    assert error.message in first
    assert [line[: len(word)] for line, word in zip(more, words, strict=True)] == words


@given(JSONS, st.integers(20, 2000))
def test_what_is_cut_is_json_within_the_limit(value: Any, limit: int) -> None:
    text = limits.cut(value, limit)
    assert len(text) <= limit
    json.loads(text)


@given(JSONS)
def test_what_fits_is_told_as_it_is(value: Any) -> None:
    assert json.loads(limits.cut(value)) == value


@given(st.text(max_size=400), st.integers(3, 200))
def test_of_a_long_text_both_ends_are_told(text: str, most: int) -> None:
    shown = limits.ends(text, most)
    assert shown == text if len(text) <= most else (shown[0], shown[-1]) == (text[0], text[-1])


def test_json_of_any_depth_is_told() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    assert len(told_of(answers.data(deep, str))) < 1000
    while deep != 1:  # else freeing it would go as deep
        (deep,) = deep


def told_of(blocks: Any) -> str:
    return "\n".join(block.text for block in blocks)


def test_a_lone_surrogate_is_escaped() -> None:
    assert told_of(answers.texts("a\ud800")) == "a\\ud800"


async def test_long_output_is_cut_and_says_so(connect: Connect, standin: StandIn) -> None:
    arguments = put(standin, "big.txt", b"0123456789" * 9000)
    async with connect(changes=True) as client:
        result = await client.call_tool(
            "run", {"project_id": arguments["project_id"], "command": "cat big.txt"}
        )
    said, note = (block.text for block in result.content)
    assert len(said) <= limits.TEXT
    assert json.loads(said)["returncode"] == 0
    assert note.startswith("This was cut")


async def test_a_long_file_is_read_part_by_part(connect: Connect, standin: StandIn) -> None:
    text = "".join(random.Random(5).choices("aé€😀\n", k=70_000))
    arguments = put(standin, "long.txt", text.encode())
    parts, offset = [], 0
    async with connect(changes=True) as client:
        while True:
            more = {"offset": offset, "length": 4 * limits.TEXT} if offset else {}
            result = await client.call_tool("read", {**arguments, **more})
            shown, *notes = (block.text for block in result.content)
            parts.append(shown)
            if not notes:
                break
            offset = int(notes[0].partition("offset=")[2].partition(",")[0])
    assert "".join(parts) == text


async def test_a_part_may_begin_and_end_within_a_character(connect: Connect, standin: StandIn) -> None:
    arguments = put(standin, "euro.txt", "€uro €".encode())
    async with connect(changes=True) as client:
        result = await client.call_tool("read", {**arguments, "offset": 1, "length": 8})
    assert told(result) == "uro "


async def test_a_picture_is_a_picture(connect: Connect, standin: StandIn) -> None:
    arguments = put(standin, "plot.png", PNG)
    async with connect(changes=True) as client:
        (block,) = (await client.call_tool("read", arguments)).content
    assert block.type == "image"
    assert (block.mime_type, b64decode(block.data)) == ("image/png", PNG)


def test_pictures_in_output_are_pictures() -> None:
    encoded = b64encode(PNG).decode()
    output = {
        "output": [{"data": {"image/png": encoded, "text/plain": "<Figure>"}}, {"data": {"image/png": 5}}]
    }
    text, picture = answers.data(output, str)
    assert (picture.type, picture.type == "image" and picture.data) == ("image", encoded)
    assert text.type == "text"
    first, second = json.loads(text.text)["output"]
    assert first["data"] == {"image/png": "picture 1 of those that follow", "text/plain": "<Figure>"}
    assert second == {"data": {"image/png": 5}}


@pytest.mark.parametrize(
    "wrong",
    ["no base64!", "a", b64encode(bytes(limits.MEDIA + 1)).decode()],
    ids=["letters", "length", "size"],
)
def test_what_is_no_picture_or_too_large_is_told_in_words(wrong: str) -> None:
    assert {block.type for block in answers.data([{"image/png": wrong}], str)} == {"text"}


@pytest.mark.parametrize(
    ("begin", "kind"), [(b"GIF89a", "image"), (b"GIF8 is how GIFs begin", "text"), (b"RIFF and raff", "text")]
)
async def test_a_text_that_begins_like_a_picture_is_a_text(
    connect: Connect, standin: StandIn, begin: bytes, kind: str
) -> None:
    arguments = put(standin, "a", begin)
    async with connect(changes=True) as client:
        result = await client.call_tool("read", arguments)
    assert [block.type for block in result.content] == [kind]


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("run", {"command": "cat long"}, "`read` parts"),
        ("read", {"path": "long"}, "offset=30000, length=30000"),
        ("read", {"path": "large"}, "offset= and length="),
    ],
)
async def test_what_is_left_out_says_how_to_get_it(
    connect: Connect, standin: StandIn, name: str, arguments: dict[str, Any], words: str
) -> None:
    project = put(standin, "long", b"x" * 40_000)["project_id"]
    put(standin, "large", b"x" * 600_000)
    async with connect(changes=True) as client:
        result = await client.call_tool(name, {"project_id": project, **arguments})
    assert words in told(result)


async def test_other_bytes_are_refused_with_how_they_begin(connect: Connect, standin: StandIn) -> None:
    arguments = put(standin, "a.out", b"\x7fELF\x00\x01")
    async with connect(changes=True) as client:
        result = await client.call_tool("read", arguments)
    assert result.is_error
    assert "7f 45 4c 46" in told(result)


async def test_a_pdf_is_a_document(connect: Connect, standin: StandIn) -> None:
    async with connect(changes=True) as client:
        result = await client.call_tool("latex", {"project_id": standin.project.project_id, "source": SOURCE})
    said, document = result.content
    assert json.loads(said.text)["ok"] is True
    assert "data" not in json.loads(said.text)
    assert document.resource.mime_type == "application/pdf"
    assert b64decode(document.resource.blob).startswith(b"%PDF-")


async def test_a_pdf_that_is_too_large_is_not_sent(
    connect: Connect, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MEDIA", 10)
    async with connect(changes=True) as client:
        result = await client.call_tool("latex", {"project_id": standin.project.project_id, "source": SOURCE})
    assert "at most 10 are sent" in told(result)
    assert {block.type for block in result.content} == {"text"}


@pytest.mark.parametrize(
    ("path", "name"), [("thesis.tex", "thesis.pdf"), ("a b;c.tex", "a_b_c.pdf"), ("..tex.tex", "tex.pdf")]
)
async def test_a_pdf_is_saved_where_the_server_was_told(
    connect: Connect, standin: StandIn, tmp_path: Path, path: str, name: str
) -> None:
    arguments = {"project_id": standin.project.project_id, "source": SOURCE, "path": path}
    async with connect(changes=True, save_to=tmp_path) as client:
        result = await client.call_tool("latex", arguments)
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes().startswith(b"%PDF-")
    assert str(tmp_path / name) in told(result)


async def test_a_disk_that_cannot_be_written_is_an_answer(
    connect: Connect, standin: StandIn, tmp_path: Path
) -> None:
    async with connect(changes=True, save_to=tmp_path / "gone") as client:
        result = await client.call_tool("latex", {"project_id": standin.project.project_id, "source": SOURCE})
    assert result.is_error
    assert "gone" in told(result)


async def test_the_key_is_in_no_answer(connect: Connect, standin: StandIn) -> None:
    arguments = put(standin, ".bashrc", f"export COCALC_API_KEY={standin.user.key}\n".encode())
    async with connect(changes=True) as client:
        read = await client.call_tool("read", arguments)
        run = await client.call_tool("run", {"project_id": arguments["project_id"], "command": "cat .bashrc"})
        wrong = await client.call_tool("run", {"project_id": standin.user.key, "command": "true"})
        unknown = await client.call_tool(standin.user.key, {})
    for result in (read, run, wrong, unknown):
        assert standin.user.key[4:20] not in result.model_dump_json()
    assert answers.MASKED in told(read)
    assert answers.MASKED in told(run)


async def test_a_new_key_is_masked(connect: Connect, standin: StandIn) -> None:
    create = {"path": "api-keys", "arguments": {"action": "create", "name": "new"}}
    async with connect(changes=True) as client:
        result = await client.call_tool("call_route", create)
    assert json.loads(result.content[0].text)["response"][0]["secret"] == "***"
    assert answers.MASKED in told(result)


async def test_what_may_have_been_done_is_said(connect: Connect, standin: StandIn) -> None:
    def lost(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("gone")

    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(lost)) as lossy,
        connect(changes=True, http_client=lossy) as client,
    ):
        result = await client.call_tool("run", {"project_id": standin.project.project_id, "command": "make"})
        reads = [
            await client.call_tool("whoami", {}),
            await client.call_tool("ls", {"project_id": standin.project.project_id}),
            await client.call_tool("call_route", {"path": "projects/get"}),
        ]
    assert result.is_error
    assert "look before you try again" in told(result)
    assert all(one.is_error for one in reads)
    assert not any("look before you try again" in told(one) for one in reads)
