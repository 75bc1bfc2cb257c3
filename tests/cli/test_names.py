"""Files of any name go there and back: what looks like an option, an address, a pattern or a line end."""

from __future__ import annotations

from pathlib import Path

import pytest

from cocalc_facade.testing import StandIn

from .conftest import Line

NAMES = [
    "-x",
    "--json",
    "name:thing",
    "a b",
    "ü普😀",
    "new\nline",
    'it\'s "q" $HOME `id`',
    "*",
    "~t",
    "\\",
    "a=b",
    "826cd844-c73b-47a4-bbf1-cc75a50cf5ee:x",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_any_name_goes_up_is_seen_and_comes_back(
    name: str, typed: Line, project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text("text", encoding="utf-8")
    assert typed("cp", f"./{name}", f"{project}:{name}").code == 0
    assert name in {row["name"] for row in typed("ls", f"{project}:", "--json").json}
    assert typed("cat", f"{project}:{name}").out == "text"
    assert typed("cp", f"{project}:{name}", "back").code == 0
    assert Path("back").read_text(encoding="utf-8") == "text"
    assert typed("mv", "--", f"{project}:{name}", f"./{name}2").code == 0
    assert typed("mv", f"{project}:{name}2", f"{project}:{name}3").code == 0
    assert typed("rm", f"{project}:{name}3", "--yes").code == 0
    left = {row["name"] for row in typed("ls", f"{project}:", "--json").json}
    assert not any(name in one for one in left)


def test_a_name_that_begins_with_a_dash_stands_after_two(
    typed: Line, project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("-x").write_text("text")
    refused = typed("cp", "-x", f"{project}:x")
    assert (refused.code, "stands after --" in refused.err) == (2, True)
    assert typed("cp", "--", "-x", f"{project}:x").code == 0
    assert "stands after --" not in typed("whoami", "--jsn").err


@pytest.mark.parametrize("words", [("", "{P}:x"), ("{P}:x", ""), ("x", "{P}")])
def test_no_place_is_refused(words: tuple[str, str], typed: Line, project: str) -> None:
    told = typed("cp", *(word.format(P=project) for word in words))
    assert (told.code, told.err.count("\n")) == (2, 1)


def test_a_file_is_not_moved_to_another_project(typed: Line, project: str, cocalc_server: StandIn) -> None:
    told = typed("mv", f"{project}:a", f"{cocalc_server.second_project.project_id}:a")
    assert (told.code, "cp copies" in told.err) == (2, True)


def test_a_folder_is_not_fetched_to_be_shown(
    typed: Line, project: str, cocalc_server: StandIn, tmp_path: Path
) -> None:
    (tmp_path / "big").mkdir()
    (tmp_path / "big" / "file").write_text("x" * 1000)
    typed("cp", str(tmp_path / "big"), f"{project}:big")
    cocalc_server.requests.clear()
    told = typed("cat", f"{project}:big")
    assert (told.code, told.out) == (2, "")
    assert "big is a folder" in told.err
    assert len(cocalc_server.requests) == 1


def test_json_of_a_file_has_its_text_or_its_bytes(typed: Line, project: str, tmp_path: Path) -> None:
    for content, shown in ((b"text\x1b\n", {"text": "text\x1b\n"}), (b"\xff\x00", {"base64": "/wA="})):
        (tmp_path / "a").write_bytes(content)
        assert typed("cp", str(tmp_path / "a"), f"{project}:a").code == 0
        assert typed("cat", f"{project}:a", "--json").json == shown
