"""Projects are made, changed, found, started, stopped and deleted."""

from __future__ import annotations

import pytest

from cocalc_facade import APIError, CoCalc, CommandError, ConflictError, NotFoundError, PermissionDeniedError


def test_a_project_lives(cocalc: CoCalc, project_id: str) -> None:
    (mine,) = [row for row in cocalc.projects.get() if row.project_id == project_id]
    assert mine.title == "cocalc-facade live test"
    assert mine.description == "may be deleted"

    cocalc.projects.update(project_id=project_id, title="renamed")
    found = cocalc.query("projects", ["project_id", "title"], {"project_id": project_id})
    assert found == {"project_id": project_id, "title": "renamed"}

    assert cocalc.call("projects/start", {"project_id": project_id}) == {"status": "ok"}
    cocalc.wait_for_project(project_id, "running")
    assert cocalc.call("projects/start", {"project_id": project_id}) == {"status": "ok"}
    assert cocalc.exec(project_id=project_id, command="echo", args=["hi"]).stdout == "hi\n"

    assert cocalc.call("projects/stop", {"project_id": project_id}) == {"status": "ok"}
    cocalc.wait_for_project(project_id, "stopped")
    assert cocalc.call("projects/stop", {"project_id": project_id}) == {"status": "ok"}

    assert cocalc.call("projects/delete", {"project_id": project_id}) == {"status": "ok"}
    assert project_id not in [row.project_id for row in cocalc.projects.get()]
    assert cocalc.call("projects/restore", {"project_id": project_id}) == {"status": "ok"}
    assert project_id in [row.project_id for row in cocalc.projects.get()]


def test_a_limit_of_zero_gives_nothing(cocalc: CoCalc, project_id: str) -> None:
    assert cocalc.call("projects/get", {"limit": 0}) == []
    assert len(cocalc.call("projects/get", {"limit": 1})) == 1


def test_somebody_elses_project_is_out_of_reach(cocalc: CoCalc) -> None:
    other = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(PermissionDeniedError, match="must be a collaborator to stop project"):
        cocalc.projects.stop(project_id=other)
    with pytest.raises(PermissionDeniedError, match="must be a collaborator to start project"):
        cocalc.projects.start(project_id=other)
    with pytest.raises(APIError, match="user must be a collaborator on the project"):
        cocalc.exec(project_id=other, command="pwd")


def test_its_maker_owns_a_project(cocalc: CoCalc, project_id: str) -> None:
    me = cocalc.whoami().account_id
    assert [row.account_id for row in cocalc.projects.collaborators.list(project_id=project_id)] == [me]


def test_files_are_written_listed_and_read(cocalc: CoCalc, project_id: str) -> None:
    text = "Größe ∑ 数学\n"
    written = {"project_id": project_id, "path": "a folder/a file.txt", "content": text}
    assert cocalc.call("projects/write-text-file", written) == {"status": "ok"}
    read = cocalc.exec(project_id=project_id, command="cat", args=["a folder/a file.txt"])
    assert read.stdout == text
    listed = cocalc.list_directory(project_id, "a folder", live=True)
    assert [(entry.name, entry.size) for entry in listed] == [("a file.txt", len(text.encode()))]


def test_names_of_any_kind_are_listed_or_said_to_be_missing(
    cocalc: CoCalc, project_id: str, live: bool
) -> None:
    cocalc.run(project_id, "mkdir odd")
    cocalc.run(project_id, ["touch", "odd/a\nb", "odd/-x"])
    listing = cocalc.list_directory(project_id, "odd")
    assert (sorted(listing.names()), listing.complete) == (["-x", "a\nb"], True)
    if live:  # the stand-in has no files whose names are not UTF-8
        cocalc.run(project_id, r"mkdir odd/$'bad\xff'; touch odd/$'bad\xff'/lost.txt", check=True)
        assert not cocalc.list_directory(project_id, "odd").complete
        assert not all(listing.complete for listing in cocalc.walk_directory(project_id, "odd"))
    with pytest.raises(NotFoundError):
        cocalc.list_directory(project_id, "no such directory")
    with pytest.raises(CommandError):
        cocalc.list_directory(project_id, "odd/-x")


def test_a_deleted_project_is_left_out_of_the_list_and_kept_in_the_table(
    cocalc: CoCalc, project_id: str
) -> None:
    cocalc.projects.delete(project_id=project_id)
    assert project_id not in [found.project_id for found in cocalc.projects.get(limit=50)]
    row = cocalc.query("projects", ["deleted"], {"project_id": project_id})
    assert row is not None
    assert row["deleted"] is True


def test_the_database_keeps_no_listings(cocalc: CoCalc, project_id: str) -> None:
    assert cocalc.run(project_id, "echo x > here.txt").returncode == 0
    with pytest.raises(NotFoundError, match="knows no listing"):
        cocalc.list_directory(project_id, live=False)


def test_a_copy_leaves_what_is_newer_and_says_so(cocalc: CoCalc, project_id: str) -> None:
    project = cocalc.project(project_id)
    project.write_text("a.txt", "mine")
    cocalc.run(project_id, "sleep 2")
    project.write_text("b.txt", "yours")
    with pytest.raises(ConflictError, match=r"'b\.txt'"):
        project.copy_to(project_id, "a.txt", "b.txt")
    assert project.read_text("b.txt") == "yours"
    project.copy_to(project_id, "a.txt", "b.txt", overwrite_newer=True)
    assert project.read_text("b.txt") == "mine"
    project.copy_to(project_id, "a.txt", "c.txt")
    assert project.read_text("c.txt") == "mine"
