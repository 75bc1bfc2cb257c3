"""Wrong ids, strangers, missing arguments and wrong types: refused in the words of the real server, also where nobody recorded it."""

from __future__ import annotations

from typing import Any

import pytest

from cocalc_facade.testing import Ids, StandIn

from .conftest import Post

IDS = Ids()
NOBODY = "00000000-0000-4000-8000-00000000000a"
SYNTAX = 'invalid input syntax for type uuid: "nope"'


def with_things(standin: StandIn) -> StandIn:
    """A server of the user's, a file system that is mounted, and a license that the second account bought."""
    world, project = standin.world, standin.project.project_id
    server = {"account_id": IDS.user, "project_id": project, "state": "off", "cloud": "onprem"}
    world.servers += [
        {"id": 1, **server, "configuration": {"dns": "taken"}, "title": "T", "project_specific_id": 1},
        {"id": 2, **server, "configuration": {"allowCollaboratorControl": True}},
    ]
    world.filesystems.append(
        {"id": 1, "account_id": IDS.user, "project_id": project, "mount": True, "lock": None, "title": "F"}
        | {"mountpoint": "m", "bucket": "b"}
    )
    world.licenses += [
        {"id": NOBODY, "managers": [IDS.second], "info": {"purchased": {"account_id": IDS.second}}},
        {"id": NOBODY[:-1] + "b", "managers": [], "info": {}},
    ]
    world.statements.append({"id": 1, "account_id": IDS.second, "interval": "day"})
    world.vouchers.append({"id": 1, "created_by": IDS.second, "codes": []})
    return standin


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("compute/compute-server-action", {"id": 9, "action": "start"}, "no server with id=9"),
        ("compute/get-server-state", {"id": 9}, "no server with id=9"),
        ("compute/get-network-usage", {}, "no server with id=undefined"),
        ("compute/get-server-title", {"id": 9}, "no server with id=9"),
        ("compute/delete-server", {"id": 9}, "no such compute server"),
        ("compute/undelete-server", {}, "no such compute server"),
        ("compute/set-image-tested", {"id": 1}, "only admin are allowed to image tested status"),
        ("compute/set-template", {"id": 1}, "only admin are allowed to set compute server configuration templates"),
        ("compute/set-server-configuration", {"id": 1}, "Cannot read properties of undefined (reading 'dns')"),
        (
            "compute/set-server-configuration",
            {"id": 2, "configuration": {"dns": "Taken"}},
            "Subdomain 'taken' is not available.    Please change 'DNS: Custom Subdomain' and select a different subdomain.",
        ),
        ("compute/get-detailed-state", {"id": 1, "project_id": NOBODY}, "must be a collaborator on project with compute server"),
        ("compute/cloud-filesystem/edit", {"id": 9, "title": "x"}, "no cloud file system with id 9"),
        ("compute/cloud-filesystem/edit", {"id": 1, "bucket": "x"}, "cannot change field 'bucket' of cloud file system after it is created'"),
        (
            "compute/cloud-filesystem/edit",
            {"id": 1, "mountpoint": "x"},
            "can only change 'mountpoint' when cloud file system is not mounted - {\"mountpoint\":\"x\"}",
        ),
        ("compute/cloud-filesystem/edit", {"id": 1, "title": "G"}, None),
        ("compute/cloud-filesystem/delete", {"id": 1}, "you must provide the lock string 'DELETE'"),
        ("compute/cloud-filesystem/delete", {"id": 1, "lock": "DELETE"}, "unmount the cloud file system first"),
        ("compute/cloud-filesystem/get-metrics", {"cloud_filesystem_id": 9}, "Cannot read properties of undefined (reading 'project_id')"),
        ("accounts/set-email-address", {"email_address": "a@b.example", "password": "short"}, "password must be at least 6 characters"),
        ("projects/collaborators/add", {"account_id": NOBODY, "project_id": NOBODY}, f"user {IDS.user} does not have write access to project {NOBODY}"),
        ("projects/collaborators/remove", {"account_id": IDS.user, "project_id": NOBODY}, f'no project with id "{NOBODY}"'),
        ("licenses/get-license", {"license_id": "nope"}, SYNTAX),
        ("licenses/get-license", {"subscription_id": 9}, "You are not the manager of any license with subscription id=9"),
        ("licenses/get-license", {"subscription_id": "x"}, 'invalid input syntax for type integer: "x"'),
        ("licenses/get-projects-with-license", {"license_id": "nope"}, SYNTAX),
        ("licenses/check-disk-name", {"name": 5}, "name must be a string"),
        ("purchases/edit-license", {"license_id": "nope", "changes": {}}, SYNTAX),
        ("purchases/edit-license", {"changes": {}}, "no license with id undefined"),
        (
            "purchases/edit-license",
            {"license_id": NOBODY, "changes": {}},
            "Only the user who purchased a license is allowed to edit it. This license was purchased by Sven Second.",
        ),
        ("purchases/edit-license", {"license_id": NOBODY[:-1] + "b"}, "this license does not support editing"),
        ("purchases/email-statement", {"statement_id": 1}, "statement 1 does not belong to your account. Sign into the correct account."),
        ("purchases/get-purchases", {"limit": 501}, "limit must be specified and at most 500"),
        ("purchases/get-subscriptions", {"limit": "1000"}, "limit must be specified and at most 500"),
        ("purchases/get-subscriptions", {"limit": 0}, "limit must be specified and at most 500"),
        ("purchases/get-subscriptions", {"limit": 500}, None),
        ("purchases/set-quota", {"service": "credit", "value": 1}, 'you cannot change the quota for the service "Credit"'),
        ("purchases/set-quota", {"service": "openai-gpt-4", "value": -1}, 'value must be a nonnegative number but it is "-1"'),
        ("purchases/student-pay", {"project_id": NOBODY}, "no such project"),
        ("purchases/student-pay", {"project_id": IDS.project}, "course fee not configured for this project"),
        ("purchases/student-pay-transfer", {"project_id": IDS.project, "paid_project_id": NOBODY}, "user must be collaborator on project"),
        ("messages/get", {"limit": 501}, "limit must be at most 500"),
        ("jupyter/execute", {"input": "1", "project_id": IDS.project}, "kernel must be specified in hash is not specified"),
        ("jupyter/execute", {"input": "1", "kernel": "python3"}, "Jupyter API is not enabled on this server."),
        ("projects/course/set-course-info", {"project_id": NOBODY, "course": {}}, "you must be a collaborator on the the project to set the course info"),
        ("projects/course/set-course-info", {"project_id": IDS.project, "course": "x"}, "course must be an object of type CourseInfo"),
        ("purchases/edit-license-owner", {"license_id": NOBODY}, "only admins can edit the owner of a license"),
        ("compute/create-server", {}, "project_id must be a valid uuid"),
        ("user-query", {"query": {"no_such": {"a": 1}}}, "FATAL: table 'no_such' does not exist"),
        ("user-query", {"query": {"collaborators": {"a": 1}}}, "FATAL: user set queries not allowed for table 'collaborators'"),
        ("user-query", {"query": {"site_licenses": {"nope": None}}}, "FATAL: user get query not allowed for site_licenses.nope"),
        ("user-query", {"query": {"projects": []}}, "FATAL: invalid user_query of 'projects' -- query must be an object"),
        ("user-query", {"query": {"projects": "x"}}, "FATAL: invalid user_query of 'projects' -- query must be an object"),
        ("user-query", {"query": {}}, "FATAL: invalid user_query of 'undefined' -- query must be an object"),
        ("user-query", {"query": "two"}, "FATAL: must specify exactly one key in the query"),
        ("user-query", {"query": {"projects": {"title": "x"}}}, "FATAL: must specify projects.project_id"),
        ("user-query", {"query": {"project_log": {"id": NOBODY}}}, "FATAL: must specify project_log.project_id"),
        ("user-query", {"query": {"projects": {"project_id": NOBODY, "title": "x"}}}, f"FATAL: unknown project_id '{NOBODY}'"),
        ("user-query", {"query": {"projects": {"project_id": "nope", "title": "x"}}}, f"postgresql error: {SYNTAX}"),
        ("public-paths/star", {}, "must specify id of public path"),
        ("public-paths/star", {"id": "x"}, "invalid public path id x"),
        ("public-paths/unstar", {"id": 40 * "b"}, f"no public path with id {40 * 'b'}"),
        ("public-paths/save", {"id": 5}, "id must be a 40 character sha1 hash"),
        ("shopping/cart/add", {"description": {}}, "if id isn't specified then the product must be set"),
        ("shopping/cart/add", {"id": 9, "purchased": True}, "no item with id 9"),
        ("shopping/cart/get", {"id": 9}, "no item with id 9"),
        ("vouchers/get-voucher-codes", {"id": 1}, "user must be the creator of the voucher or an admin"),
    ],
)  # fmt: skip
def test_a_wrong_request_is_refused_in_the_servers_words(
    standin: StandIn, post: Post, path: str, body: dict[str, Any], error: str | None
) -> None:
    with_things(standin)
    answer = post(path, body).json()
    found = answer.get("error") if isinstance(answer, dict) else None
    assert found == error


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("compute/compute-server-action", {"id": 1, "action": "start"}, "permission denied"),
        ("compute/compute-server-action", {"id": 2, "action": "start"}, "user must be collaborator on project"),
        ("compute/get-server-title", {"id": 1}, "user must be collaborator on project"),
        ("compute/get-server-title", {"id": 0}, None),
        ("compute/delete-server", {"id": 1}, "you must be the owner of the compute server to delete it"),
        ("compute/cloud-filesystem/edit", {"id": 1, "title": "x"}, "can edit"),
        ("compute/cloud-filesystem/delete", {"id": 1}, "volume can delete"),
        ("projects/collaborators/add", {"account_id": IDS.second, "project_id": IDS.project}, "cannot add self"),
        ("projects/collaborators/change-user-type", {"project_id": IDS.project, "target_account_id": IDS.user, "new_group": "owner"}, "Not a project member"),
    ],
)  # fmt: skip
def test_a_stranger_is_refused_in_the_servers_words(
    standin: StandIn, post: Post, path: str, body: dict[str, Any], error: str | None
) -> None:
    with_things(standin)
    found = post(path, body, key=standin.second.key).json().get("error")
    assert (found is None) if error is None else error in found


@pytest.mark.parametrize("wanted", ["nope", "", 5, {}])
@pytest.mark.parametrize(
    "path",
    ["api-keys", "exec", "jupyter/execute", "latex", "projects/course/set-course-info", "purchases/set-project-quota"],
)  # fmt: skip
def test_most_routes_fail_for_an_id_of_a_project_that_is_none(post: Post, path: str, wanted: Any) -> None:
    body = {"project_id": wanted, "input": "1", "kernel": "python3", "path": "a.tex", "action": "get"}
    assert post(path, body).json() == {
        "error": "invalid account_id or project_id -- all must be valid uuid's"
    }


@pytest.mark.parametrize(
    ("path", "error"),
    [("accounts/set-password", "No such account"), ("accounts/set-email-address", "no such account")],
)
def test_a_projects_key_is_no_account(standin: StandIn, post: Post, path: str, error: str) -> None:
    body = {"email_address": "a@b.example", "password": "long enough", "newPassword": "x"}
    assert post(path, body, key=standin.project_key.secret).json() == {"error": error}


def test_a_ban_of_nobody_is_a_success(standin: StandIn, post: Post) -> None:
    for wanted in (None, NOBODY):
        assert post("accounts/ban", {"account_id": wanted}, key=standin.admin.key).json() == {
            "status": "success"
        }
    assert post("accounts/ban", {"account_id": "nope"}, key=standin.admin.key).json() == {"error": SYNTAX}


def test_a_statement_is_sent_at_most_once_an_hour(standin: StandIn, post: Post) -> None:
    standin.world.statements.append({"id": 1, "account_id": IDS.user, "interval": "day"})
    said = []
    for pause in (0, 3000, 700):
        standin.clock.advance(pause)
        said.append(post("purchases/email-statement", {"statement_id": 1}).json())
    assert said[0] == said[2] == {"status": "ok"}
    assert said[1] == {"error": "statement already sent recently (wait at least an hour)"}


def test_an_item_goes_back_into_the_cart_only_when_it_was_taken_out(standin: StandIn, post: Post) -> None:
    standin.oddities.rate_limits = False
    post("shopping/cart/add", {"product": "site-license", "description": {}})
    assert post("shopping/cart/add", {"id": 1}).json() == 0
    post("shopping/cart/remove", {"id": 1})
    assert post("shopping/cart/add", {"id": 1}).json() == 1
    assert post("shopping/cart/add", {"id": 1, "purchased": True}).json() == 1
    assert [row["id"] for row in post("shopping/cart/get").json()] == [1, 2]


def test_the_last_owner_of_a_project_stays(standin: StandIn, post: Post) -> None:
    body = {"project_id": IDS.project, "target_account_id": IDS.user, "new_group": "collaborator"}
    words = "Cannot change the last owner to collaborator. At least one owner is required."
    assert post("projects/collaborators/change-user-type", body).json() == {"error": words}


def test_what_was_paid_for_one_project_counts_for_another_only_once_it_was_paid(
    standin: StandIn, post: Post
) -> None:
    other = standin.world.add_project(IDS.user, "Other")
    body = {"project_id": IDS.project, "paid_project_id": other.project_id}
    standin.project.course, other.course = {"type": "student"}, {"type": "student"}
    assert post("purchases/student-pay-transfer", body).json() == {"error": "paid project not paid"}
    other.course["paid"] = "2026-01-01T00:00:00.000Z"
    assert post("purchases/student-pay-transfer", body).json() == {}
    assert "paid" in standin.project.course
    assert "paid" not in other.course
