"""The nightly backup: all files, once; what could not be saved is named."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from backup import main

from cocalc_facade import CoCalc
from cocalc_facade.testing import StandIn


def put(server: StandIn, path: str, content: bytes) -> None:
    files = server.project.files
    files.make_directory(files.resolve(path).rpartition("/")[0], server.clock.now())
    files.write(files.resolve(path), content, server.clock.now())


def rows(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "projects.csv").open(encoding="utf-8") as file:
        return {row["title"]: row for row in csv.DictReader(file)}


def test_all_files_are_saved_and_the_next_night_only_what_is_new(
    cocalc: CoCalc, cocalc_server: StandIn, tmp_path: Path
) -> None:
    project = cocalc_server.project
    put(cocalc_server, "data/a.bin", bytes(range(256)))
    put(cocalc_server, "data/b.pyc", b"no")
    assert main([str(tmp_path), "--exclude", "*.pyc"], cocalc) == 0
    assert (tmp_path / project.project_id / "data" / "a.bin").read_bytes() == bytes(range(256))
    assert not (tmp_path / project.project_id / "data" / "b.pyc").exists()
    assert rows(tmp_path)[project.title]["files"] == "1"
    cocalc_server.clock.advance(30)
    assert project.state(cocalc_server.clock.now()) == "opened"


def test_the_second_time_nothing_is_fetched_again(
    cocalc: CoCalc, cocalc_server: StandIn, tmp_path: Path
) -> None:
    put(cocalc_server, "a.txt", b"a")
    main([str(tmp_path)], cocalc)
    put(cocalc_server, "new.txt", b"new")
    main([str(tmp_path)], cocalc)
    found = rows(tmp_path)[cocalc_server.project.title]
    assert (found["files"], found["same"]) == ("1", "1")


def test_a_project_that_cannot_be_read_is_named_and_the_others_are_saved(
    cocalc: CoCalc, cocalc_server: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(cocalc_server, "a.txt", b"a")
    cocalc_server.add_course(students=2)
    lost = next(one for one in cocalc_server.world.projects.values() if one.title.startswith("student1@"))
    lost.users[cocalc_server.user.account_id]["group"] = "invited"
    assert main([str(tmp_path)], cocalc) == 1
    assert rows(tmp_path)[lost.title]["error"]
    assert (tmp_path / cocalc_server.project.project_id / "a.txt").exists()
    assert "PermissionDeniedError" in capsys.readouterr().err


def test_what_the_server_or_the_disk_says_is_one_line(
    cocalc: CoCalc, cocalc_server: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main([str(tmp_path / "file")], cocalc) == 2
    assert main([str(tmp_path), "--account", cocalc_server.second.account_id], cocalc) == 2
    assert main([str(tmp_path), "--account", "nobody"], cocalc) == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in told] == ["backup"] * 3
