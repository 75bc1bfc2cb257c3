"""A tree that a project made to do harm: nothing of it is written outside, each refusal has its name, and the rest is there."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade._errors import CoCalcError, UnexpectedResponse
from cocalc_facade._jobs.files.tree import landing
from cocalc_facade._jobs.files.tree.names import fault_of, link_fault, tells_case
from tests.jobs.files.conftest import connected
from tests.jobs.files.machine import Machine

EVIL = b"evil"
Row = tuple[str, str, str, bytes, bytes]


class Liar(Machine):
    """A server that tells of any tree, and gives whatever it is asked for."""

    def __init__(self, home: Path, rows: list[Row], *, count: int | None = None) -> None:
        super().__init__(home, routes=False)
        fields = [
            f"{kind} {mode} {size} ".encode() + name + b"\0" + link + b"\0"
            for kind, mode, size, name, link in rows
        ]
        self.list = b"".join(fields)[:count]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        line = json.loads(request.read())["command"]
        self.requests.append(request)
        out = ""
        if "/list" in line:
            out = f"f {len(self.list)} 644 0.0\n{hashlib.sha256(self.list).hexdigest()}  list\n=\n{coded(self.list)}"
        elif "cat -- " in line:
            names = base64.b64decode(re.split("END_OF_FILE'[^\n]*\n", line)[1].split("\n")[0]).split(b"\0")[
                :-1
            ]
            told = b"".join(
                hashlib.sha256(EVIL).hexdigest().encode() + b"  " + name + b"\0" for name in names
            )
            out = f"{told.decode()}\n=\n{coded(EVIL * len(names))}"
        elif line.startswith("find -L"):
            folder = line.startswith("find -L ./tree ")
            content = "" if folder else f"\n{hashlib.sha256(EVIL).hexdigest()}  x\n=\n{coded(EVIL)}"
            out = f"{'d' if folder else 'f'} {len(EVIL)} 644 0.0{content}\n"
        answer = {"stdout": out.rstrip("\n") + "\n" * out.endswith("0.0\n"), "stderr": "", "exit_code": 0}
        return httpx.Response(200, json=answer)


def coded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def file(name: bytes, mode: str = "644") -> Row:
    return ("f", mode, str(len(EVIL)), name, b"")


def link(name: bytes, target: bytes) -> Row:
    return ("l", "777", "4", name, target)


REFUSED: dict[str, list[Row]] = {
    "absolute": [file(b"/tmp/evil")],
    "absolute twice": [file(b"//evil")],
    "parent": [file(b"../evil")],
    "parent inside": [file(b"a/../../evil")],
    "parent at the end": [file(b"a/..")],
    "only parent": [file(b"..")],
    "only dot": [file(b".")],
    "dot inside": [file(b"a/./evil")],
    "empty": [file(b"")],
    "empty inside": [file(b"a//evil")],
    "slash at the end": [file(b"evil/")],
    "folder above": [("d", "755", "4096", b"../evil", b"")],
    "absolute folder": [("d", "755", "4096", b"/evil", b"")],
    "link to root": [link(b"evil", b"/")],
    "link to a file": [link(b"evil", b"/etc/passwd")],
    "link above": [link(b"evil", b"..")],
    "link far above": [link(b"evil", b"../../../../etc")],
    "link above from below": [link(b"a/evil", b"../../x")],
    "link that turns back": [link(b"evil", b"a/../../x")],
    "link that turns back inside": [link(b"evil", b"a/..")],
    "link to nothing": [link(b"evil", b"")],
    "link to no text": [link(b"evil", b"\xff")],
    "link with a bad name": [link(b"../evil", b"a")],
    "FIFO": [("p", "644", "0", b"evil", b"")],
    "socket": [("s", "644", "0", b"evil", b"")],
    "block device": [("b", "644", "0", b"evil", b"")],
    "character device": [("c", "644", "0", b"evil", b"")],
    "door": [("D", "644", "0", b"evil", b"")],
    "kind that is none": [("?", "644", "0", b"evil", b"")],
    "no UTF-8": [file(b"evil\xff")],
    "half of a character": [file(b"evil\xe2\x82")],
    "surrogate": [file(b"evil\xed\xa0\x80")],
    "overlong slash": [file(b"..\xc0\xafevil")],
    "long name": [file(b"e" * 256)],
    "long name in characters": [file("ü".encode() * 128)],
    "long path": [file(b"/".join([b"e" * 200] * 30))],
    "deep path": [file(b"e/" * 300 + b"e")],
    "very long name": [file(b"e" * 100_000)],
    "part of ours": [file(b".cocalc-0123456789.part")],
    "part of ours below": [file(b"a/.cocalc-x.part")],
}  # fmt: skip

CONFLICTS: dict[str, list[Row]] = {
    "through a link": [link(b"a", b"b"), file(b"a/evil")],
    "through a link that comes later": [file(b"a/evil"), link(b"a", b"b")],
    "through a file": [file(b"a"), file(b"a/evil")],
    "file over a folder": [("d", "755", "4096", b"a", b""), file(b"a/b"), file(b"a")],
    "twice": [file(b"a"), file(b"a")],
    "twice, then a link": [file(b"a"), link(b"a", b"b")],
    "link to itself": [link(b"a", b"a")],
    "links in a ring": [link(b"a", b"b"), link(b"b", b"a")],
    "link to a link": [link(b"a", b"b"), link(b"b", b"c"), file(b"c")],
    "setuid": [file(b"a", "4755")],
    "sticky": [file(b"a", "7777")],
    "no mode": [file(b"a", "0")],
    "folder that nobody may enter": [("d", "0", "4096", b"a", b""), file(b"a/b")],
    "escape codes": [file(b"a\x1b[2Jb")],
    "line ends": [file(b"a\nb\r\n=\nZXZpbA==")],
    "options": [file(b"-rf"), file(b"--checkpoint-action=exec=x"), file(b"-")],
    "shell": [file(b"$(touch evil)"), file(b"`id`"), file(b"'; rm -rf ~; '"), file(b'"')],
    "backslashes": [file(b"..\\..\\evil"), file(b"C:\\evil")],
    "names of Windows": [file(b"CON"), file(b"nul.txt"), file(b"a:b"), file(b"a. ")],
    "spaces": [file(b" "), file(b"  a  ")],
    "our names": [file(b".cache/cocalc-facade/up-x/p000000"), file(b".cocalc-x")],
    "sparse": [("f", "644", "1000000000000", b"a", b"")],
}  # fmt: skip


def all_below(folder: Path) -> dict[str, Any]:
    return {
        str(path.relative_to(folder)): path.readlink() if path.is_symlink() else path.lstat().st_mtime_ns
        for path in folder.rglob("*")
    }


def fetched(tmp_path: Path, rows: list[Row]) -> tuple[Any, Path]:
    """What came of a hostile tree between two good files; nothing outside has changed, whatever it was."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x").write_text("mine")
    here = outside / "here"
    here.mkdir()
    before = all_below(tmp_path)
    first = [file(b"good")] if all(row[3] != b"good" for row in rows) else []
    project = connected(Liar(tmp_path / "home", [*first, *rows, file(b"zzz/last")]))
    result = project.download("tree", here)
    after = {
        name: value for name, value in all_below(tmp_path).items() if not name.startswith("outside/here")
    }
    assert {name: before[name] for name in after if name != "outside"} == {
        name: value for name, value in after.items() if name != "outside"
    }
    assert not Path("/tmp/evil").exists()
    assert ((here / "good").read_bytes(), (here / "zzz/last").read_bytes()) == (EVIL, EVIL)
    for path in here.rglob("*"):
        if path.is_symlink():
            target = os.path.normpath(path.parent / path.readlink())
            assert target.startswith(f"{here}/")
        assert path.lstat().st_mode & 0o7000 == 0
        assert ".part" not in path.name
    return result, here


@pytest.mark.parametrize("kind", REFUSED)
def test_what_must_not_be_here_is_refused_by_name(tmp_path: Path, kind: str) -> None:
    result, here = fetched(tmp_path, REFUSED[kind])
    assert sorted(path.name for path in here.iterdir()) == ["good", "zzz"]
    assert set(result.files) == {"good", "zzz/last"}
    assert len(result.refused) == 1
    assert result.refused[0].why
    assert not result.complete


@pytest.mark.parametrize("kind", CONFLICTS)
def test_what_is_odd_leads_nowhere_else(tmp_path: Path, kind: str) -> None:
    result, here = fetched(tmp_path, CONFLICTS[kind])
    names = {row[3].decode() for row in CONFLICTS[kind] if row[0] != "d"}
    assert names <= {*result.files, *(refused.path for refused in result.refused)}
    for name in result.files:
        assert (here / name).is_symlink() or (here / name).read_bytes() == EVIL


def test_fifty_kinds_are_here() -> None:
    assert len(REFUSED) + len(CONFLICTS) >= 50


def test_links_of_this_machine_are_not_written_through(tmp_path: Path) -> None:
    outside, here = tmp_path / "outside", tmp_path / "here"
    outside.mkdir()
    here.mkdir()
    (outside / "file").write_text("mine")
    (here / "a").symlink_to(outside)
    (here / "b").symlink_to(outside / "file")
    project = connected(Liar(tmp_path, [file(b"a/evil"), file(b"b"), file(b"c")]))
    result = project.download("tree", here)
    assert [(refused.path, refused.why) for refused in result.refused] == [
        ("a/evil", "a link is there where a folder should be")
    ]
    assert ([path.name for path in outside.iterdir()], (outside / "file").read_text()) == (["file"], "mine")
    assert (here / "b").read_bytes() == EVIL
    assert not (here / "b").is_symlink()


def test_names_that_are_one_here_are_not_both_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tells_case(tmp_path) or not tells_case(tmp_path)
    monkeypatch.setattr(landing, "tells_case", lambda _: False)
    rows = [file(b"Makefile"), file(b"makefile"), file("é".encode()), file("e\u0301".encode())]
    result, _ = fetched(tmp_path, rows)
    assert [refused.path for refused in result.refused] == ["makefile", "e\u0301"]
    assert {refused.why for refused in result.refused} == {"another name of the tree is the same here"}


@pytest.mark.parametrize("count", [1, 5, 10, 15])
def test_half_a_listing_is_none(tmp_path: Path, count: int) -> None:
    project = connected(Liar(tmp_path, [file(b"a"), file(b"b")], count=count))
    with pytest.raises(UnexpectedResponse):
        project.download("tree", tmp_path / "here")


@given(name=st.binary(max_size=40), target=st.binary(max_size=40))
def test_a_name_or_a_link_that_passes_stays_inside(name: bytes, target: bytes) -> None:
    top = b"/top/of/it"
    if fault_of(name) is None:
        assert os.path.normpath(top + b"/" + name).startswith(top + b"/")
        if link_fault(name.decode(), target) is None:
            above = (top + b"/" + name).rpartition(b"/")[0]
            assert os.path.normpath(above + b"/" + target).startswith(top)


@given(text=st.text(max_size=300), code=st.integers(-1, 256))
def test_whatever_a_project_says_is_an_answer_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory, text: str, code: int
) -> None:
    home = tmp_path_factory.mktemp("home")
    machine = Machine(home)
    answer = {"stdout": text, "stderr": text, "exit_code": code}
    machine.before = lambda _: httpx.Response(200, json=answer)
    project = connected(machine)
    for call in (lambda: project.download("a", home / "a"), lambda: project.read_bytes("a", offset=0)):
        with suppress(CoCalcError):
            call()
