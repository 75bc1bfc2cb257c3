"""What type checkers must make of code that uses the jobs. Never run."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, assert_type
from uuid import UUID

from cocalc_v2.models import Ok

from cocalc_facade import (
    ApiKey,
    AsyncCoCalc,
    AsyncProject,
    CartItem,
    Checkout,
    CoCalc,
    CompletedCommand,
    DirectoryListing,
    Entry,
    LatexResult,
    NewApiKey,
    Outcome,
    Outcomes,
    Project,
    ProjectState,
    Purchase,
    Purchases,
    QueryRows,
    Secret,
)


def sync_code(client: CoCalc, project_id: UUID) -> None:
    assert_type(client.wait_for_project(project_id, "stopped"), ProjectState)
    with client.project(project_id) as project:
        assert_type(project, Project)
        assert_type(project.read_text("a"), str)
        project.copy_to(project, "a", "b")
    assert_type(client.query("accounts", ["name"]), dict[str, Any] | None)
    assert_type(client.query("projects", ["title"], {"deleted": {"IS": None}}, many=True), QueryRows)
    assert_type(client.run(project_id, ["make"], stream=print), CompletedCommand)
    assert_type(client.compile_latex("x").pdf, bytes)
    assert_type(client.compile_latex("x"), LatexResult)
    assert_type(client.list_directory(project_id)[0], Entry)
    for listing in client.walk_directory(project_id):
        assert_type(listing, DirectoryListing)
    for purchase in client.iter_purchases():
        assert_type(purchase, Purchase)
    assert_type(client.iter_purchases().total, float)
    assert_type(client.iter_purchases().all(), Purchases)
    assert_type(client.iter_purchases(decimal=True).total, Decimal)
    assert_type(client.iter_purchases(decimal=True).all(), Purchases[Decimal])
    assert_type(client.iter_purchases(decimal=True).all()[0].amount, Decimal)
    for exact in client.iter_purchases(decimal=True):
        assert_type(exact, Purchase[Decimal])
    assert_type(client.email_of(project_id), str | None)
    assert_type(client.cart.add_license(user="academic"), CartItem)
    assert_type(client.cart.checkout(), Checkout)
    assert_type(client.keys.create("x"), NewApiKey)
    assert_type(client.keys.create("x").secret, Secret)
    assert_type(client.keys.get(3), ApiKey)
    assert_type(client.keys.get(3).secret, Secret | None)
    assert_type(client.map("projects/stop", [project_id], on_error="raise"), Outcomes[UUID, Any])
    ids = [str(project_id)]
    assert_type(client.map(client.projects.stop, ids), Outcomes[str, Ok])
    ran = client.map(client.run, ids, "make test", timeout=600, journal="run.jsonl")
    assert_type(ran, Outcomes[str, CompletedCommand])
    assert_type(ran[0], Outcome[str, CompletedCommand])
    assert_type(ran[0].item, str)
    assert_type(ran[0].value, CompletedCommand | None)
    assert_type(ran.values(), list[CompletedCommand])
    assert_type(client.map(client.wait_for_project, ids, "stopped"), Outcomes[str, ProjectState])
    assert_type(client.map(client.project(project_id).copy_to, ids, "a"), Outcomes[str, None])
    assert_type(client.map(len, ids), Outcomes[str, int])


async def async_code(client: AsyncCoCalc, project_id: str) -> None:
    assert_type(await client.wait_for_project(project_id), ProjectState)
    async with client.project(project_id) as project:
        assert_type(project, AsyncProject)
        assert_type(await project.read_bytes("a"), bytes)
    assert_type(await client.query("accounts", ["name"]), dict[str, Any] | None)
    assert_type(await client.query("projects", ["title"], many=True), QueryRows)
    assert_type(await client.run(project_id, "make"), CompletedCommand)
    async for listing in client.walk_directory(project_id):
        assert_type(listing, DirectoryListing)
    async for purchase in client.iter_purchases():
        assert_type(purchase, Purchase)
    assert_type(await client.iter_purchases().total, float)
    assert_type(await client.iter_purchases(decimal=True).total, Decimal)
    assert_type(await client.cart.checkout(confirm=True, at_most=5), Checkout)
    assert_type(await client.keys.rotate(3), NewApiKey)
    assert_type(await client.map("projects/stop", [project_id]), Outcomes[str, Any])
    assert_type(await client.map(client.projects.stop, [project_id]), Outcomes[str, Ok])
    assert_type(await client.map(client.run, [project_id], "make"), Outcomes[str, CompletedCommand])


def mistakes(client: CoCalc, project_id: str) -> None:
    client.wait_for_project(project_id, "runing")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    client.query("project", ["title"])  # type: ignore[call-overload] # pyright: ignore[reportCallIssue, reportArgumentType]
    client.cart.add_license(user="student")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
