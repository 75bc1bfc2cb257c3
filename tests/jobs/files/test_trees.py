"""Trees to a project and from one: all kinds of names, links by their rule, what is there already, what is left out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from cocalc_facade._errors import ConflictError, InvalidRequestError, NotFoundError
from tests.jobs.files.machine import Machine

NAMES = [
    "a",
    "-rf",
    "-",
    "it's",
    'a"b',
    "ü ñ",
    "line\nend",
    "{}",
    "$(touch x)",
    "x/y/z",
    "x/y/-n",
    "deep/er/{}/a",
    " ",
]


def grown(top: Path) -> Path:
    """Files of all kinds of names, two modes, an empty folder, links, and what is no file."""
    for number, name in enumerate(NAMES):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(name.encode() * number)
        (top / name).chmod(0o755 if number % 2 else 0o640)
    (top / "big").write_bytes(os.urandom(4_200_000))
    (top / "empty").mkdir(mode=0o750)
    (top / "x/link").symlink_to("../a")
    (top / "folder link").symlink_to("deep/er")
    return top


def shape(top: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in sorted(top.rglob("*")):
        name = str(path.relative_to(top))
        mode = path.lstat().st_mode & 0o777
        if path.is_symlink():
            found[name] = path.readlink()
        elif name.partition("/")[0] != ".cache":
            found[name] = (mode, path.read_bytes() if path.is_file() else None)
    return found


@pytest.mark.parametrize("there", ["", "new/course {}"])
def test_a_tree_goes_there_and_comes_back(machine: Machine, project: Any, here: Path, there: str) -> None:
    tree = grown(here / "tree")
    sent = project.upload(tree, there)
    assert shape(machine.home / there) == shape(tree)
    got = project.download(there, here / "back", exclude=".cache")
    assert shape(here / "back") == shape(tree)
    moved = {*NAMES, "big", "x/link", "folder link"}
    assert (set(sent.files), set(got.files)) == (moved, moved)
    assert sent.size == got.size == sum(len(name.encode()) * at for at, name in enumerate(NAMES)) + 4_200_000
    assert not [
        path for path in machine.home.rglob("*") if "cocalc-" in path.name and path.name != "cocalc-facade"
    ]
    assert list((machine.home / ".cache/cocalc-facade").iterdir()) == []


def test_what_is_the_same_is_not_moved_again(machine: Machine, project: Any, here: Path) -> None:
    tree = grown(here / "tree")
    project.upload(tree, "tree")
    project.download("tree", here / "back")
    (tree / "a").write_bytes(b"other")
    (machine.home / "tree/-rf").write_bytes(b"other")
    sent = project.upload(tree, "tree")
    got = project.download("tree", here / "back")
    assert ({"a", "-rf"} <= set(sent.files), "big" in sent.same) == (True, True)
    assert (got.files, "big" in got.same, "x/link" in got.same) == (("a",), True, True)
    assert shape(here / "back") == shape(tree) == shape(machine.home / "tree")


def test_other_files_there_are_left_alone(machine: Machine, project: Any, here: Path) -> None:
    (machine.home / "tree/x").mkdir(parents=True)
    (machine.home / "tree/x/mine").write_text("mine")
    (machine.home / "tree/a").mkdir()
    tree = grown(here / "tree")
    sent = project.upload(tree, "tree")
    assert (machine.home / "tree/x/mine").read_text() == "mine"
    assert [(refused.path, "in its place" in refused.why) for refused in sent.refused] == [("a", True)]
    assert set(sent.files) == {*NAMES, "big", "x/link", "folder link"} - {"a"}


def test_what_is_left_out_is_not_moved(machine: Machine, project: Any, here: Path) -> None:
    tree = here / "tree"
    for name in ("a.py", "a.pyc", "x/b.pyc", "x/__pycache__/c", "data/d", "x/data/e"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(b"1")
    patterns = ["*.pyc", "__pycache__/", "/data"]
    assert set(project.upload(tree, "tree", exclude=patterns).files) == {"a.py", "x/data/e"}
    project.upload(tree, "all")
    assert set(project.download("all", here / "back", exclude=patterns).files) == {"a.py", "x/data/e"}
    assert set(project.download("all", here / "one", exclude="*.py*").files) == {
        "x/__pycache__/c",
        "data/d",
        "x/data/e",
    }


def test_what_is_no_file_is_refused_by_name_and_the_rest_is_moved(
    machine: Machine, project: Any, here: Path
) -> None:
    for top in (here / "tree", machine.home / "tree"):
        top.mkdir()
        os.mkfifo(top / "pipe")
        (top / "out").symlink_to("/etc/passwd")
        (top / "up").symlink_to("../x")
        (top / "good").write_bytes(b"1")
        (top / "bad\udcff").write_bytes(b"1")
    for result in (project.upload(here / "tree", "to"), project.download("tree", here / "back")):
        assert result.files == ("good",)
        assert {refused.path: refused.why for refused in result.refused} == {
            "pipe": "it is a FIFO",
            "out": "it is a link that leads out of the folder",
            "up": "it is a link that leads out of the folder",
            "bad\\xff": "its name is not UTF-8",
        }


def test_files_that_change_or_go_meanwhile_are_right_or_named(
    machine: Machine, project: Any, here: Path
) -> None:
    top = machine.home / "tree"
    top.mkdir()
    for name in ("a", "b", "c"):
        (top / name).write_bytes(name.encode() * 1000)

    def change(request: httpx.Request) -> httpx.Response | None:
        if b"xargs" in request.content:
            (top / "a").write_bytes(b"longer" * 1000)
            (top / "b").unlink(missing_ok=True)
        return None

    machine.before = change
    result = project.download("tree", here / "back")
    assert (here / "back/a").read_bytes() == b"longer" * 1000
    assert (here / "back/c").read_bytes() == b"c" * 1000
    assert [refused.path for refused in result.refused] == ["b"]
    assert "No such file" in result.refused[0].why


def test_a_tree_that_cannot_be_is_an_error(machine: Machine, project: Any, here: Path) -> None:
    (machine.home / "tree").mkdir()
    (here / "file").write_bytes(b"1")
    (here / "tree").mkdir()
    (machine.home / "file").write_bytes(b"1")
    with pytest.raises(NotFoundError):
        project.download("nothing", here / "back")
    with pytest.raises(ConflictError, match="is a file"):
        project.download("tree", here / "file")
    (here / "tree/x").write_bytes(b"1")
    with pytest.raises(ConflictError):
        project.upload(here / "tree", "file")


def test_many_small_files_are_few_calls(machine: Machine, project: Any, here: Path) -> None:
    tree = here / "tree"
    tree.mkdir()
    for number in range(300):
        (tree / f"file {number}").write_bytes(b"%d" % number * 20)
    project.upload(tree, "tree")
    sent = len(machine.requests)
    project.download("tree", here / "back")
    assert shape(here / "back") == shape(tree)
    assert sent <= (8 if machine.routes else 14)
    assert len(machine.requests) - sent <= 5


def test_progress_is_told_in_bytes(project: Any, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree = grown(here / "tree")
    seen: list[tuple[int, int]] = []
    project.upload(tree, "tree", progress=lambda done, total: seen.append((done, total)))
    project.download("tree", here / "back", progress=lambda done, total: seen.append((done, total)))
    project.download("tree/big", here / "big", progress=lambda done, total: seen.append((done, total)))
    assert all(0 <= done <= total for done, total in seen)
    assert seen[-1] == (4_200_000, 4_200_000)
    assert sum(done == total for done, total in seen) >= 3
    project.upload(tree, "again", progress=True)
    lines = capsys.readouterr().err.splitlines()
    assert 1 <= len(lines) <= 10
    assert lines[-1] == "upload tree: 4.2 of 4.2 MB"
    (here / "esc\x1b[2J").write_text("small")
    project.upload(here / "esc\x1b[2J", "small", progress=True)
    assert capsys.readouterr().err == "upload esc\\x1b[2J: 5 of 5 bytes\n"


def test_one_pattern_means_the_same_alone_and_in_a_list(project: Any, here: Path) -> None:
    for name in ("data/x", "keep/data/y", "keep/z"):
        (here / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (here / "tree" / name).touch()
    for pattern, left in (("data/", ["keep/z"]), ("/data/", ["keep/data/y", "keep/z"])):
        for place, given in ((f"a{len(left)}", pattern), (f"b{len(left)}", [pattern])):
            assert sorted(project.upload(here / "tree", place, exclude=given).files) == left
    for empty in ("", "/", [""], ["a", "//"]):
        with pytest.raises(InvalidRequestError, match="exclude: each pattern"):
            project.upload(here / "tree", "c", exclude=empty)
