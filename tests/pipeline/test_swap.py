"""Swap: everything changes or nothing does, whenever the process is killed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.pipeline.swap import STAGE, SwapError, exclusive, recover, stage, swap

TARGETS = ("openapi/lock.json", "openapi/gone.json", "generated/package", "openapi/fresh.json", "same.txt")

OLD = {"openapi/lock.json": "old", "openapi/gone.json": "old", "generated/package/a.py": "old", "generated/package/b/c.py": "old", "same.txt": "same", "other.txt": "not ours"}  # fmt: skip
NEW = {"openapi/lock.json": "new", "generated/package/a.py": "new", "openapi/fresh.json": "new", "same.txt": "same", "other.txt": "not ours"}  # fmt: skip


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


def read(folder: Path) -> dict[str, str]:
    files = (place for place in folder.rglob("*") if place.is_file())
    return {place.relative_to(folder).as_posix(): place.read_text(encoding="utf-8") for place in files}


def staged(root: Path) -> None:
    write(root, OLD)
    write(stage(root), {name: text for name, text in NEW.items() if name != "other.txt"})


KILLED_AFTER = """
import os, signal, sys
from pathlib import Path
from scripts.pipeline.swap import swap
left = int(sys.argv[2])
def between():
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
swap(Path(sys.argv[1]), sys.argv[3:], between)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_run_killed_between_any_two_steps_leaves_all_old_or_all_new(tmp_path: Path) -> None:
    outcomes = []
    for steps in range(40):
        root = tmp_path / str(steps)
        staged(root)
        command = [sys.executable, "-c", KILLED_AFTER, str(root), str(steps), *TARGETS]
        run = subprocess.run(command, timeout=600, check=False)
        recover(root)
        files = read(root)
        assert files in (OLD, NEW), f"killed after {steps} steps"
        assert not (root / STAGE).exists()
        outcomes.append(files == NEW)
        if run.returncode == 0:
            break
    assert len(outcomes) > 8
    assert outcomes == sorted(outcomes), "once begun, a change is finished"
    assert outcomes[0] is False
    assert outcomes[-1] is True


def test_a_recovery_that_is_killed_can_be_recovered_again(tmp_path: Path) -> None:
    staged(tmp_path)
    journal = tmp_path / STAGE / "journal.json"
    journal.write_text(
        json.dumps({target: (tmp_path / STAGE / "new" / target).exists() for target in TARGETS})
    )
    (tmp_path / STAGE / "old" / "openapi").mkdir(parents=True)
    (tmp_path / "openapi/lock.json").rename(tmp_path / STAGE / "old/openapi/lock.json")
    assert recover(tmp_path) is True
    assert read(tmp_path) == NEW


def test_what_is_equal_is_not_touched(tmp_path: Path) -> None:
    staged(tmp_path)
    before = (tmp_path / "same.txt").stat().st_ino
    assert set(swap(tmp_path, TARGETS)) == set(TARGETS) - {"same.txt"}
    assert (tmp_path / "same.txt").stat().st_ino == before
    assert read(tmp_path) == NEW


def test_a_compiled_cache_is_no_difference(tmp_path: Path) -> None:
    write(tmp_path, {"package/a.py": "same", "package/__pycache__/a.pyc": "compiled"})
    write(stage(tmp_path), {"package/a.py": "same"})
    assert swap(tmp_path, ["package"]) == ()


@pytest.mark.parametrize("target", ["/etc/passwd", "../elsewhere", "a/../../b"])
def test_a_target_outside_is_refused(tmp_path: Path, target: str) -> None:
    with pytest.raises(SwapError, match="is not below"):
        swap(tmp_path, [target])


@pytest.mark.skipif(sys.platform == "win32", reason="no lock there")
def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    with exclusive(tmp_path), pytest.raises(SwapError, match="another run"), exclusive(tmp_path):
        pass


def test_a_run_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail() -> None:
        with exclusive(tmp_path):
            write(stage(tmp_path), NEW)
            raise ZeroDivisionError

    write(tmp_path, OLD)
    with pytest.raises(ZeroDivisionError):
        fail()
    assert read(tmp_path) == OLD


FOREIGN = [
    {"../victim.txt": False},
    {"/etc/passwd": False},
    {"a/../../victim.txt": True},
    {"": False},
    {".": True},
    {".regenerate": False},
    {"C:\\victim.txt": False},
    {"README.md": False},
    {"same.txt": "yes"},
    {"same.txt": 1},
    ["same.txt"],
    None,
    "same.txt",
]


@pytest.mark.parametrize("journal", [*FOREIGN, b"{", b"", b"[" * 100_000], ids=lambda j: ascii(j)[:40])
def test_a_journal_that_no_run_wrote_is_not_carried_out(tmp_path: Path, journal: object) -> None:
    root = tmp_path / "root"
    write(root, {**OLD, "README.md": "mine"})
    write(stage(root), NEW)
    (tmp_path / "victim.txt").write_text("precious")
    text = journal if isinstance(journal, bytes) else json.dumps(journal).encode()
    (root / STAGE / "journal.json").write_bytes(text)
    before = read(tmp_path)
    with pytest.raises(SwapError, match="was not written by a run"):
        recover(root, TARGETS)
    assert read(tmp_path) == before


@pytest.mark.skipif(sys.platform == "win32", reason="no links there")
@pytest.mark.parametrize("place", [STAGE, f"{STAGE}/journal.json", "openapi"])
def test_a_link_leads_nothing_outside(tmp_path: Path, place: str) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    write(root, {"other.txt": "old"})
    write(stage(root), NEW)
    (root / STAGE / "journal.json").write_text(json.dumps({"openapi/lock.json": True}))
    write(outside, {"lock.json": "precious"})
    (outside / "journal.json").write_text(json.dumps({"openapi/lock.json": False}))
    if (root / place).is_dir():
        shutil.rmtree(root / place)
    (root / place).unlink(missing_ok=True)
    (root / place).symlink_to(outside if place != f"{STAGE}/journal.json" else outside / "journal.json")
    with pytest.raises(SwapError):
        recover(root, TARGETS)
    assert (outside / "lock.json").read_text() == "precious"


def lines(root: Path) -> dict[str, str]:
    return {name: text for name, text in read(root).items() if not name.startswith(STAGE)}


@pytest.mark.skipif(sys.platform == "win32", reason="no links there")
@pytest.mark.parametrize(
    ("link", "to"),
    [
        (f"{STAGE}/old", "outside"),
        (f"{STAGE}/new", "outside"),
        (f"{STAGE}/old/openapi", "outside/openapi"),
        (f"{STAGE}/new/openapi/lock.json", "outside/openapi/lock.json"),
        (f"{STAGE}/new/generated/package/a.py", "outside/openapi/lock.json"),
    ],
)
def test_a_link_in_what_is_staged_leads_nothing_outside_and_nothing_in(
    tmp_path: Path, link: str, to: str
) -> None:
    root = tmp_path / "root"
    write(root, OLD)
    write(stage(root), NEW)
    write(tmp_path / "outside", {"openapi/lock.json": "precious", "generated/package/a.py": "precious"})
    (root / STAGE / "journal.json").write_text(
        json.dumps({"openapi/lock.json": True, "generated/package": True})
    )
    place = root / link
    shutil.rmtree(place, ignore_errors=True)
    place.unlink(missing_ok=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(tmp_path / to)
    before = read(tmp_path / "outside"), lines(root)
    with pytest.raises(SwapError, match="was not written by a run"):
        recover(root, TARGETS)
    assert (read(tmp_path / "outside"), lines(root)) == before


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes there")
def test_a_journal_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    write(stage(tmp_path), NEW)
    os.mkfifo(tmp_path / STAGE / "journal.json")
    with pytest.raises(SwapError, match="no plain file"):
        recover(tmp_path, TARGETS)


def test_a_journal_that_is_a_folder_is_not_carried_out(tmp_path: Path) -> None:
    write(stage(tmp_path), NEW)
    (tmp_path / STAGE / "journal.json").mkdir()
    with pytest.raises(SwapError, match="no plain file"):
        recover(tmp_path, TARGETS)
