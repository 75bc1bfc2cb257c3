"""Copies between projects: what is newer there is left alone by the server, and told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cocalc_facade import AuthenticationError, CoCalcWarning, ConflictError, PermissionDeniedError

Put = Callable[..., None]


@pytest.fixture
def other(bench: Any, client: Any) -> Any:
    project_id = client.call("projects/create", {"title": "Other"})["project_id"]
    found = bench.standin.world.projects[project_id]
    bench.standin.restart(found)  # a project that never ran has no directory to copy to
    return found


@pytest.fixture
def put(bench: Any) -> Put:
    def write(project: Any, path: str, content: str, age: float) -> None:
        whole = project.files.resolve(path)
        project.files.make_directory(whole.rpartition("/")[0], 0.0)
        project.files.write(whole, content.encode(), bench.clock.now() - age)

    return write


def content(project: Any, path: str) -> str:
    return str(project.files.read(project.files.resolve(path)).decode())


def test_what_is_newer_there_is_not_copied_and_named(bench: Any, client: Any, other: Any, put: Put) -> None:
    put(bench.standin.project, "a.txt", "mine", 60)
    put(other, "a.txt", "theirs", 10)
    with pytest.raises(ConflictError, match=r"newer in project .*'a.txt'.*overwrite_newer=True") as caught:
        client.project(bench.project_id).copy_to(other.project_id, "a.txt")
    assert caught.value.maybe_executed
    assert content(other, "a.txt") == "theirs"
    client.project(bench.project_id).copy_to(other.project_id, "a.txt", overwrite_newer=True)
    assert content(other, "a.txt") == "mine"


@pytest.mark.parametrize("size", ["other!", "same"])
def test_a_file_under_another_name_is_compared_with_the_one_it_should_replace(
    bench: Any, client: Any, other: Any, put: Put, size: str
) -> None:
    put(bench.standin.project, "a.txt", "mine", 60)
    put(other, "sub/b (1).txt", size, 10)
    with pytest.raises(ConflictError, match=r"'sub/b \(1\).txt'"):
        client.project(bench.project_id).copy_to(other.project_id, "a.txt", "sub/b (1).txt")


def test_in_a_directory_every_file_that_was_left_out_is_named(
    bench: Any, client: Any, other: Any, put: Put
) -> None:
    for name in ("new.txt", "sub/old.txt", "sub/same.txt", "sub/a\nb.txt", "sub/c.txt"):
        put(bench.standin.project, f"d/{name}", "mine", 60)
    put(other, "d/sub/old.txt", "theirs", 100)
    put(other, "d/sub/same.txt", "mine", 10)
    put(other, "d/sub/a\nb.txt", "theirs", 10)
    put(other, "d/sub/c.txt", "your", 10)
    put(other, "d/theirs-alone.txt", "theirs", 10)
    with pytest.raises(ConflictError) as caught:
        client.project(bench.project_id).copy_to(other.project_id, "d")
    assert caught.value.message.endswith(r": 'd/sub/a\nb.txt', 'd/sub/c.txt'")
    assert content(other, "d/new.txt") == "mine"
    assert content(other, "d/sub/old.txt") == "mine"


@pytest.mark.parametrize("there", [None, ("theirs", 100), ("mine", 10)])
def test_nothing_is_said_of_a_whole_copy(
    bench: Any, client: Any, other: Any, put: Put, there: tuple[str, float] | None
) -> None:
    put(bench.standin.project, "a.txt", "mine", 60)
    if there:
        put(other, "a.txt", *there)
    client.project(bench.project_id).copy_to(other.project_id, "a.txt")
    assert content(other, "a.txt") == "mine"


def test_an_empty_directory_is_copied_without_a_word(bench: Any, client: Any, other: Any) -> None:
    files = bench.standin.project.files
    files.make_directory(files.resolve("empty"), 0.0)
    client.project(bench.project_id).copy_to(other.project_id, "empty")


def test_of_many_only_some_are_named(bench: Any, client: Any, other: Any, put: Put) -> None:
    for number in range(25):
        put(bench.standin.project, f"d/{number:02}", "mine", 60)
        put(other, f"d/{number:02}", "theirs", 10)
    with pytest.raises(ConflictError, match=r"'d/09' and 15 more"):
        client.project(bench.project_id).copy_to(other.project_id, "d")


def test_where_no_command_runs_it_is_said_that_nothing_is_known(
    bench: Any, client: Any, other: Any, put: Put
) -> None:
    put(bench.standin.project, "a.txt", "mine", 60)
    refusal = {"error": "user must be a collaborator on the project"}
    client = bench.client(script={"exec": [..., refusal]})
    with pytest.warns(CoCalcWarning, match="left out is not known: exec: user must be a collaborator"):
        client.project(bench.project_id).copy_to(other.project_id, "a.txt")
    assert content(other, "a.txt") == "mine"


def test_a_listing_that_is_cut_is_no_proof(bench: Any, other: Any, put: Put) -> None:
    put(bench.standin.project, "a.txt", "mine", 60)
    many = "".join(f"1.0\0001\0{number}\0" for number in range(200_000))[:1_000_001]
    cut = {"stdout": f"{many} (truncated at 1000001 characters)", "stderr": "", "exit_code": 0}
    client = bench.client(script={"exec": [cut]})
    with pytest.warns(CoCalcWarning, match="could not all be listed"):
        client.project(bench.project_id).copy_to(other.project_id, "a.txt")


def test_a_copy_that_overwrites_compares_nothing(bench: Any, client: Any, other: Any, put: Put) -> None:
    put(bench.standin.project, "a.txt", "mine", 60)
    client.project(bench.project_id).copy_to(other.project_id, "a.txt", overwrite_newer=True)
    assert bench.seen("exec") == []


def test_a_copy_that_was_refused_compares_nothing(bench: Any, client: Any, put: Put) -> None:
    put(bench.standin.project, "a.txt", "mine", 60)
    with pytest.raises(PermissionDeniedError):
        client.project(bench.project_id).copy_to(bench.standin.second_project.project_id, "a.txt")
    assert bench.seen("exec") == []


def test_a_copy_whose_end_cannot_be_asked_for_may_have_been_made(bench: Any, other: Any) -> None:
    script = {
        "projects/copy-path": [{"copy_id": "11111111-1111-4111-8111-111111111111"}],
        "projects/copy-path-status": [{"error": "must be signed in"}],
    }
    with pytest.raises(AuthenticationError) as caught:
        bench.client(script=script).project(bench.project_id).copy_to(other.project_id, "a.txt")
    assert caught.value.maybe_executed
