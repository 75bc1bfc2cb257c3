"""What a stand-in starts with: three people, their projects and keys."""

from __future__ import annotations

from dataclasses import dataclass

from .state import CAPABILITIES, Account, Key, Project, World


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of what there is at the start."""

    user: str = "b6c7f9ff-2740-421d-84c8-9140b38a7fe2"
    second: str = "93f96cb7-9c1a-4637-b04b-b4e12f1f8d92"
    admin: str = "5a750c2d-9a14-483f-869c-ef460abe608f"
    project: str = "826cd844-c73b-47a4-bbf1-cc75a50cf5ee"
    first_project: str = "bf1df6ea-40a0-4580-bc7f-e60e6711cbce"
    second_project: str = "eb65b5ba-8e84-42eb-bbab-26ebbd19ef33"
    second_first_project: str = "6a0bcbb5-0818-4762-aa9a-cc9982a3dda2"


@dataclass(frozen=True, slots=True)
class Seed:
    """What there is at the start."""

    user: Account
    second: Account
    admin: Account
    project: Project
    second_project: Project
    project_key: Key
    expired_key: Key


def seed(world: World, ids: Ids, *, newer: bool = False) -> Seed:
    """Fill an empty world; with `newer` the three have keys of the newer form, which may all on all of their projects."""
    admin = world.add_account("admin@example.com", "Ada", "Admin", account_id=ids.admin, groups=["admin"])
    user = world.add_account("user@example.com", "Uma", "User", account_id=ids.user)
    second = world.add_account("second@example.com", "Sven", "Second", account_id=ids.second)
    world.add_project(ids.second, "My First Project", project_id=ids.second_first_project)
    theirs = world.add_project(ids.second, "Second's project", project_id=ids.second_project)
    world.add_project(ids.user, "My First Project", project_id=ids.first_project)
    project = world.add_project(ids.user, "Measured project", "made through the API", project_id=ids.project)
    admin.key = world.add_key(ids.admin, "admin key").secret
    user.key = world.add_key(ids.user, "user key").secret
    project_key = world.add_key(ids.user, "project key", project_id=ids.project)
    second.key = world.add_key(ids.second, "second key").secret
    expired = world.add_key(ids.user, "expired key", expire=world.now() - 3600)
    if newer:
        for account in (admin, user, second):
            mine = [key for key, item in world.projects.items() if account.account_id in item.users]
            account.key = world.add_newer_key(account.account_id, "all", CAPABILITIES, mine).secret
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    user.legacy_key = "sk_" + "".join(world.random.choice(letters) for _ in range(24))
    return Seed(user, second, admin, project, theirs, project_key, expired)
