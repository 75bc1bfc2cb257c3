"""Projects by title and accounts by address: none, one and many told apart; made once; what administrators see."""

from __future__ import annotations

from typing import Any

import pytest

from cocalc_facade import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    TransportError,
)
from cocalc_facade.testing import StandIn


def titled(standin: StandIn, title: str) -> list[Any]:
    return [one for one in standin.world.projects.values() if one.title == title and not one.deleted]


def test_no_project_of_a_title_is_not_found(client: Any) -> None:
    with pytest.raises(NotFoundError, match="no project of this account has the title 'Nowhere'"):
        client.find_project(title="Nowhere")


def test_several_projects_of_a_title_are_told_with_their_ids(bench: Any, client: Any) -> None:
    ids = [
        bench.standin.world.add_project(bench.standin.user.account_id, "Twice").project_id for _ in range(2)
    ]
    for job in (client.find_project, client.ensure_project):
        with pytest.raises(ConflictError, match="2 projects have the title 'Twice'") as refused:
            job(title="Twice")
        assert all(one in str(refused.value) for one in ids)


def test_one_project_is_found_also_when_it_is_old_or_hidden_and_deleted_ones_are_not(
    bench: Any, client: Any
) -> None:
    world, user = bench.standin.world, bench.standin.user.account_id
    gone = world.add_project(user, "Old")
    gone.deleted = True
    old = world.add_project(user, "Old")
    old.users[user]["hide"] = True
    old.last_edited -= 365 * 86_400
    world.add_project(user, "old")
    assert client.find_project(title="Old").project_id == old.project_id


@pytest.mark.parametrize("title", ["", "  ", 7, "a\0b"])
def test_a_title_that_is_none_is_refused_before_anything_is_sent(bench: Any, client: Any, title: Any) -> None:
    for job in (client.find_project, client.ensure_project):
        with pytest.raises((InvalidRequestError, TypeError), match=r"^title: "):
            job(title=title)
    assert bench.seen() == []


def test_a_project_is_made_once(bench: Any, client: Any) -> None:
    first = client.ensure_project(title="Results", description="of May")
    assert client.ensure_project(title="Results").project_id == first.project_id
    [made] = titled(bench.standin, "Results")
    assert (made.project_id, made.description) == (first.project_id, "of May")


@pytest.mark.parametrize("mine_first", [True, False])
def test_of_two_that_are_made_at_once_the_first_stays(bench: Any, mine_first: bool) -> None:
    standin = bench.standin
    other = []

    def race(_request: Any) -> Any:
        """Answer as the server when somebody else makes a project of this title at the same moment."""
        user, now = standin.user.account_id, standin.clock.now()
        mine = standin.world.add_project(user, "Race")
        other.append(standin.world.add_project(user, "Race"))
        (other[0] if mine_first else mine).created = now + 0.25
        return {"project_id": mine.project_id}

    client = bench.client(script={"projects/create": [race]})
    found = client.ensure_project(title="Race").project_id
    assert (found == other[0].project_id) is not mine_first
    later = [one for one in standin.world.projects.values() if one.title == "Race" and one.deleted]
    assert len(later) == (
        not mine_first
    )  # whoever made the later one deletes it, and nobody deletes another's


def test_who_comes_while_others_still_settle_which_one_stays_waits_for_them(bench: Any) -> None:
    world, user = bench.standin.world, bench.standin.user.account_id
    first, later = (world.add_project(user, "Race") for _ in range(2))
    stays, goes = sorted((first, later), key=lambda one: one.project_id)

    def settled(_request: Any) -> Any:
        goes.deleted = True
        return ...

    client = bench.client(script={"user-query": [..., settled]})
    assert client.ensure_project(title="Race").project_id == stays.project_id
    assert bench.seen("projects/create") == []
    goes.deleted = False  # two that stay are told, and none is made
    with pytest.raises(ConflictError, match="2 projects have the title 'Race'"):
        bench.client().ensure_project(title="Race")
    assert bench.seen("projects/create") == []


def test_a_project_whose_answer_was_lost_is_found_and_not_made_again(bench: Any, client: Any) -> None:
    bench.standin.fail("projects/create", kind="drop_after")
    found = client.ensure_project(title="Lost")
    assert [one.project_id for one in titled(bench.standin, "Lost")] == [found.project_id]


def test_a_project_that_was_not_made_is_told_of_and_may_be_asked_for_again(bench: Any, client: Any) -> None:
    bench.standin.fail("projects/create", kind="drop_before")
    with pytest.raises(TransportError) as lost:
        client.ensure_project(title="Lost")
    assert "calling ensure_project again does no harm" in str(lost.value.__notes__)
    client.ensure_project(title="Lost")
    assert len(titled(bench.standin, "Lost")) == 1


def test_a_dry_run_makes_none(bench: Any) -> None:
    client = bench.client(dry_run=True)
    client.ensure_project(title="Planned")
    assert [planned.path for planned in client.planned] == ["projects/create"]
    assert titled(bench.standin, "Planned") == []


def test_an_account_is_found_by_its_whole_address(bench: Any, client: Any) -> None:
    second = bench.standin.second
    assert client.find_account(email=f" {second.email_address.upper()} ").account_id == second.account_id
    with pytest.raises(NotFoundError, match="no account has the address"):
        client.find_account(email="x" + second.email_address)


@pytest.mark.parametrize("email", ["nobody", "a@b c@d", "a@b,c@d", "@", "", 3])
def test_what_is_no_address_is_refused(bench: Any, client: Any, email: Any) -> None:
    with pytest.raises((InvalidRequestError, TypeError), match=r"^email: "):
        client.find_account(email=email)
    assert bench.seen() == []


def test_who_has_an_account_is_invited_once(bench: Any, client: Any) -> None:
    second, project = bench.standin.second, client.project(bench.project_id)
    assert project.invite(second.email_address).account_id == second.account_id
    project.invite(second.email_address)
    assert len(bench.seen("projects/collaborators/add")) == 1
    people = {one.account_id: one for one in project.collaborators()}
    assert people[second.account_id].group == "collaborator"
    assert people[bench.standin.user.account_id].group == "owner"
    assert people[second.account_id].first_name == second.first_name


def test_who_has_no_account_cannot_be_invited_and_the_error_says_what_to_do(client: Any, bench: Any) -> None:
    with pytest.raises(NotFoundError, match="invite them in the app"):
        client.project(bench.project_id).invite("new@example.org")


def test_the_people_of_a_strangers_project_are_not_told(bench: Any, client: Any) -> None:
    with pytest.raises(PermissionDeniedError):
        client.project(bench.standin.second_project.project_id).collaborators()


def test_administrators_see_all_accounts_and_those_that_are_banned(bench: Any) -> None:
    standin = bench.standin
    standin.second.banned = standin.clock.now()
    admin = bench.client(standin.admin)
    everybody = admin.list_accounts()
    assert {one.account_id for one in everybody} == set(standin.world.accounts)
    assert not everybody.cut
    assert [one.account_id for one in admin.list_accounts(banned=True)] == [standin.second.account_id]
    assert standin.second.account_id not in {one.account_id for one in admin.list_accounts(banned=False)}


def test_nobody_else_sees_all_accounts(client: Any) -> None:
    with pytest.raises(PermissionDeniedError):
        client.list_accounts()


def test_the_projects_of_an_account_with_their_quotas(bench: Any, client: Any) -> None:
    standin = bench.standin
    admin = bench.client(standin.admin)
    admin.call("projects/set-admin-quotas", {"project_id": bench.project_id, "memory_limit": 4000})
    [row] = [one for one in admin.projects_of(standin.user.account_id) if one.project_id == bench.project_id]
    assert row.title == standin.project.title
    assert row.settings["memory_limit"] == 4000
    [own] = [one for one in client.projects_of() if one.project_id == bench.project_id]
    assert own.settings == row.settings
    with pytest.raises(PermissionDeniedError):
        client.projects_of(standin.second.account_id)
