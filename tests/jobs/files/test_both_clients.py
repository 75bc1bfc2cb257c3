"""On the stand-in, with the sync and the async client: what goes wrong on a server, in a project, and in both generations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cocalc_facade._errors import (
    AuthenticationError,
    CommandError,
    ConfirmationRequired,
    ConflictError,
    ConnectionFailed,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    ServerError,
    TimedOut,
)
from cocalc_facade.testing import Oddities, StandIn
from tests.jobs.conftest import Bench

LARGE = bytes(range(256)) * 4000


@pytest.fixture
def files(bench: Any) -> Any:
    """The files of the project, as the stand-in has them."""
    found = bench.standin.project.files
    found.files.clear()
    return found


@pytest.fixture
def project(bench: Any, client: Any) -> Any:
    return handle(bench, client)


def handle(bench: Any, client: Any) -> Any:
    return type(client)(client._target.project(bench.project_id), bench._runner)


def paths(bench: Any) -> list[str]:
    return [request.path for request in bench.standin.requests]


def test_a_file_goes_by_the_routes_for_files(bench: Any, project: Any, files: Any, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(LARGE)
    (tmp_path / "a").chmod(0o755)
    project.upload(tmp_path / "a", "x/a")
    project.download("x/a", tmp_path / "b")
    assert files.files[f"{files.home}/x/a"].mode == 0o755
    assert (tmp_path / "b").read_bytes() == LARGE
    assert paths(bench) == ["exec", "upload", "exec", "exec", "exec", "files"]


def test_a_tree_goes_there_and_comes_back(project: Any, files: Any, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for name, data in {"a": b"1", "x/it's": LARGE, "x/y/ü\n": b"", "big": LARGE * 5}.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(data)
    (tree / "x/link").symlink_to("../a")
    (tree / "empty").mkdir()
    sent = project.upload(tree, "tree")
    got = project.download("tree", tmp_path / "back")
    assert set(sent.files) == set(got.files) == {"a", "x/it's", "x/y/ü\n", "big", "x/link"}
    for name in ("a", "x/it's", "x/y/ü\n", "big", "x/link"):
        assert (tmp_path / "back" / name).read_bytes() == (tree / name).read_bytes()
    assert (tmp_path / "back/x/link").is_symlink()
    assert (tmp_path / "back/empty").is_dir()
    assert project.download("tree", tmp_path / "back").files == ()
    assert not [name for name in files.files if "/.c" in name]


@pytest.mark.parametrize("status", [401, 403, 404, 413, 500, 502])
def test_without_the_routes_it_goes_by_exec(
    bench: Any, project: Any, files: Any, tmp_path: Path, status: int
) -> None:
    (tmp_path / "a").write_bytes(LARGE)
    for route in ("upload", "files"):
        bench.standin.fail(route, kind="status", status=status, times=None)
    project.upload(tmp_path / "a", "a")
    project.download("a", tmp_path / "b")
    assert files.read(f"{files.home}/a") == (tmp_path / "b").read_bytes() == LARGE
    before = paths(bench).count("upload") + paths(bench).count("files")
    project.upload(tmp_path / "a", "c")
    project.download("c", tmp_path / "d")
    again = paths(bench).count("upload") + paths(bench).count("files") - before
    assert (again == 0) == (
        status < 500
    )  # the routes say 500 to everything: that may be the matter of one file


def test_a_page_in_place_of_a_file_is_none(bench: Any, project: Any, files: Any, tmp_path: Path) -> None:
    files.write(f"{files.home}/a", LARGE, 1.0)
    bench.standin.fail("files", kind="html", times=None)
    project.download("a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == LARGE


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "stale_connection", "refused", "truncate"])
@pytest.mark.parametrize("route", ["upload", "files", "exec"])
def test_one_broken_connection_is_nobodys_matter(
    bench: Any, project: Any, files: Any, tmp_path: Path, route: str, kind: str
) -> None:
    (tmp_path / "a").write_bytes(LARGE * 3)
    bench.standin.fail(route, kind=kind)
    project.upload(tmp_path / "a", "a")
    bench.standin.fail(route, kind=kind)
    project.download("a", tmp_path / "b")
    assert files.read(f"{files.home}/a") == (tmp_path / "b").read_bytes() == LARGE * 3


def test_what_broke_off_goes_on_with_the_next_call(
    bench: Any, project: Any, files: Any, tmp_path: Path
) -> None:
    files.write(f"{files.home}/a", LARGE * 3, 1.0)
    for kind, times in (("truncate", 1), ("drop_before", None)):
        bench.standin.fail("files", kind=kind, times=times)
    with pytest.raises(ConnectionFailed) as caught:
        project.download("a", tmp_path / "a")
    assert "goes on from there" in str(caught.value.__notes__)
    parts = list(tmp_path.iterdir())
    assert [part.name.endswith(".part") and part.stat().st_size for part in parts] == [len(LARGE) * 3 // 2]
    bench.standin.heal()
    project.download("a", tmp_path / "a")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", LARGE * 3)]
    assert bench.seen("files")[-1]["path"].endswith("/rest")


@pytest.mark.parametrize("seconds", [0.3, 2.0])
def test_an_upload_that_is_there_a_moment_later_is_waited_for(
    kind: str, runner: Any, tmp_path: Path, seconds: float
) -> None:
    bench = Bench(kind, StandIn(oddities=Oddities(upload_seconds=seconds)), runner)
    files = bench.standin.project.files
    (tmp_path / "a").write_bytes(LARGE)
    handle(bench, bench.client()).upload(tmp_path / "a", "a")
    assert files.read(f"{files.home}/a") == LARGE


def test_a_full_disk_leaves_the_old_file(bench: Any, project: Any, files: Any, tmp_path: Path) -> None:
    files.write(f"{files.home}/a", b"old", 1.0)
    files.quota = 1_500_000
    for data in (LARGE * 4, LARGE, LARGE[:300_000]):
        (tmp_path / "a").write_bytes(data)
        if len(data) < 500_000:
            files.quota = 100_000
        with pytest.raises(CommandError, match="No space left on device") as caught:
            project.upload(tmp_path / "a", "a")
        assert "full" in str(caught.value)
        assert files.read(f"{files.home}/a") == b"old"
    assert paths(bench).count("exec") < 20
    with pytest.raises(CommandError, match="No space left"):
        project.write_bytes("a", LARGE)
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/b").write_bytes(LARGE[:200_000])
    with pytest.raises(CommandError, match="No space left"):
        project.upload(tmp_path / "tree", "tree")


def test_what_may_not_be_read_or_written_is_said(project: Any, files: Any, tmp_path: Path) -> None:
    home = files.home
    (tmp_path / "a").write_bytes(LARGE)
    (tmp_path / "s").write_bytes(b"1")
    files.write(f"{home}/secret", LARGE, 1.0)
    files.files[f"{home}/secret"].mode = 0
    files.make_directory(f"{home}/locked", 1.0)
    files.modes[f"{home}/locked"] = 0o555
    for call in (
        lambda: project.upload(tmp_path / "a", "locked/a"),
        lambda: project.upload(tmp_path / "s", "locked/a"),
        lambda: project.download("secret", tmp_path / "x"),
        lambda: project.mkdir("locked/x"),
        lambda: project.move("secret", "locked/x"),
    ):
        with pytest.raises(PermissionDeniedError):
            call()
    files.make_directory(f"{home}/tree", 1.0)
    files.write(f"{home}/tree/good", b"1", 1.0)
    files.write(f"{home}/tree/bad", b"1", 1.0)
    files.files[f"{home}/tree/bad"].mode = 0
    result = project.download("tree", tmp_path / "tree")
    assert (result.files, [refused.path for refused in result.refused]) == (("good",), ["bad"])
    assert "Permission denied" in result.refused[0].why


def test_who_may_not_is_told_so(bench: Any, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(LARGE)
    for who, error in (
        (bench.standin.second, PermissionDeniedError),
        ("sk-0000000000000000", AuthenticationError),
    ):
        stranger = handle(bench, bench.client(who))
        for call in (
            lambda it=stranger: it.upload(tmp_path / "a", "a"),
            lambda it=stranger: it.download("a", tmp_path / "b"),
        ):
            with pytest.raises((error, PermissionDeniedError)):
                call()
    assert {"upload", "files"} & set(paths(bench)) == set()


def test_a_project_that_cannot_start_is_said(kind: str, runner: Any, tmp_path: Path) -> None:
    bench = Bench(kind, StandIn(oddities=Oddities(start_fails=True)), runner)
    project = handle(bench, bench.client())
    (tmp_path / "a").write_bytes(LARGE)
    with pytest.raises(ServerError, match="could not be started"):
        project.upload(tmp_path / "a", "a")
    with pytest.raises(ServerError, match="could not be started"):
        project.download("a", tmp_path / "b")


def test_the_time_of_the_client_is_the_end(bench: Any, files: Any, tmp_path: Path) -> None:
    files.write(f"{files.home}/a", LARGE, 1.0)
    bench.standin.fail("files", kind="latency", seconds=100, times=None)
    project = handle(bench, bench.client(timeout=30))
    begun = bench.standin.clock.now()
    with pytest.raises(TimedOut):
        project.download("a", tmp_path / "a")
    assert bench.standin.clock.now() - begun <= 31


def test_the_newer_generation_has_commands_only(kind: str, runner: Any, tmp_path: Path) -> None:
    bench = Bench(kind, StandIn(generation="ai"), runner)
    project = handle(bench, bench.client())
    (tmp_path / "a").write_bytes(LARGE)
    project.upload(tmp_path / "a", "a")
    project.download("a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == LARGE


def test_a_base_path_is_in_the_name_of_the_cookie(kind: str, runner: Any, tmp_path: Path) -> None:
    bench = Bench(kind, StandIn(base_path="/base/path"), runner)
    project = handle(bench, bench.client())
    (tmp_path / "a").write_bytes(LARGE)
    project.upload(tmp_path / "a", "api/v2/a")
    project.download("api/v2/a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == LARGE
    assert paths(bench).count("files") == 1
    key = bench.standin.user.key
    cookies = [headers["cookie"] for headers in bench.transport.headers if "cookie" in headers]
    assert cookies == [f"%2Fbase%2Fpathapi_key={key}"]


def test_the_rest_of_the_small_things(project: Any, files: Any) -> None:
    home = files.home
    project.write_bytes("x/a", LARGE)
    files.files[f"{home}/x/a"].mode = 0o700
    project.write_bytes("x/a", LARGE[:700_001])
    assert files.files[f"{home}/x/a"].mode == 0o700
    assert project.read_bytes("x/a", offset=699_990) == LARGE[699_990:700_001]
    assert project.read_bytes("x/a", offset=5, length=600_000) == LARGE[5:600_005]
    assert project.read_bytes("x/a", length=3) == LARGE[:3]
    assert project.read_bytes("x/a", offset=10_000_000, length=3) == b""
    assert project.read_bytes("x/a", offset=3, length=0) == b""
    with pytest.raises(InvalidRequestError, match="max_size"):
        project.read_bytes("x/a", offset=3)
    with pytest.raises(NotFoundError):
        project.read_bytes("nothing", offset=3)
    for bad in (-1, "3", 1.5):
        with pytest.raises((InvalidRequestError, TypeError), match="offset"):
            project.read_bytes("x/a", offset=bad)
    with pytest.raises(TypeError, match="data"):
        project.write_bytes("x/a", "text")
    project.mkdir("new/folder")
    project.mkdir("new/folder")
    assert files.is_directory(f"{home}/new/folder")
    with pytest.raises(ConflictError):
        project.mkdir("x/a")


def test_deleting_needs_a_word(bench: Any, project: Any, files: Any) -> None:
    files.make_directory(f"{files.home}/x/y", 1.0)
    files.write(f"{files.home}/x/y/a", b"1", 1.0)
    with pytest.raises(ConfirmationRequired):
        project.delete("x")
    for bad in ("", "/", "..", "x/../..", "~"):
        with pytest.raises(InvalidRequestError):
            project.delete(bad, confirm=True)
    assert paths(bench) == []
    project.delete("x", confirm=True)
    assert not files.is_directory(f"{files.home}/x")
    with pytest.raises(NotFoundError):
        project.delete("x", confirm=True)


def test_moving_overwrites_only_when_told(project: Any, files: Any) -> None:
    home = files.home
    files.write(f"{home}/a", b"a", 1.0)
    files.write(f"{home}/b", b"b", 1.0)
    with pytest.raises(ConflictError, match="there already"):
        project.move("a", "b")
    project.move("a", "b", overwrite=True)
    assert (files.read(f"{home}/a"), files.read(f"{home}/b")) == (None, b"a")
    project.move("b", "new/folder/c")
    assert files.read(f"{home}/new/folder/c") == b"a"
    project.move("new", "old")
    assert files.read(f"{home}/old/folder/c") == b"a"
    with pytest.raises(NotFoundError):
        project.move("nothing", "x")
    files.write(f"{home}/d", b"d", 1.0)
    with pytest.raises(ConflictError):
        project.move("d", "old", overwrite=True)
