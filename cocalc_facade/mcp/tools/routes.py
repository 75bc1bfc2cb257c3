"""The routes of the API: those that there are, what is known of one, and calling it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import reduce
from typing import Any

from cocalc_facade import AsyncCoCalc, InvalidRequestError, RouteDescription

from .annotations import hints
from .signatures import model, schema

FEW = 40
"""So many routes are listed with what they do; of more, only the paths."""


class AgreementNeeded(Exception):
    """A person has to agree first. `question` says to what; `go` starts the call."""

    def __init__(self, question: str, go: Callable[[], Awaitable[Any]]) -> None:
        super().__init__(question)
        self.question = question
        self.go = go


async def list_routes(client: AsyncCoCalc, contains: str = "") -> list[Any]:
    """Give the routes of CoCalc's HTTP API, for what no other tool does; without asking the server.

    Up to 40 routes come with what they do and what they change (null: they only read), more as bare paths.

    Args:
        client: Who asks.
        contains: Only those whose path has all of these words in it, such as `projects copy`.
    """
    words = contains.casefold().split()
    paths = [path for path in client.routes() if all(word in path for word in words)]
    if len(paths) > FEW:
        return paths
    rows = map(client.describe, paths)
    return [{"path": row.path, "summary": row.summary, "changes": row.changes} for row in rows]


async def describe_route(client: AsyncCoCalc, path: str) -> dict[str, Any]:
    """Give all that is known of a route, without asking the server: its arguments, who may call it, what it changes.

    `input_schema` is that of `arguments` of `call_route`. `changes` completes "it …" and is null for a route that only reads. A route with `confirm`, or one that `charges`, is called only after a person has agreed.

    Args:
        client: Who asks.
        path: Such as `projects/start`.
    """
    row = _described(client, path)
    told = {name: value for name, value in row.to_dict().items() if name != "arguments"}
    annotations = hints([row]).model_dump(by_alias=True, exclude_none=True)
    return {**told, "input_schema": _schema(client, row), "annotations": annotations}


async def call_route(
    client: AsyncCoCalc, path: str, arguments: dict[str, Any] | None = None, *, timeout: float | None = None
) -> Any:
    """Call a route and give its answer as plain JSON. `describe_route` tells what it takes and what it changes.

    A route that deletes an account or moves money is called only after a person has agreed, by way of your client.

    Args:
        client: Who asks.
        path: Such as `projects/start`.
        arguments: By their names on the wire.
        timeout: Seconds for the whole call.
    """
    row = _described(client, path)
    wanted = arguments or {}
    if row.confirm is None and not row.charges:
        return await client.call(row.path, wanted, timeout=timeout)
    trial = client.with_options(
        dry_run=True
    )  # which finds all faults of the call, and tells what it is about to do
    answer = await trial.call(row.path, wanted, confirm=True, timeout=timeout)
    if not trial.planned:
        return answer
    planned = trial.planned[-1]
    money = " It may charge money." if planned.charges else ""
    raise AgreementNeeded(
        f"it {planned.changes}, at {client._session.host.name}.{money} The call: {planned}",
        lambda: client.call(row.path, wanted, confirm=True, timeout=timeout),
    )


def _described(client: AsyncCoCalc, path: str) -> RouteDescription:
    try:
        return client.describe(path)
    except InvalidRequestError as error:
        if error.hint is not None and error.hint.startswith("client.routes"):
            error.hint = "`list_routes` lists those that are"
        raise


def _schema(client: AsyncCoCalc, row: RouteDescription) -> dict[str, Any]:
    """Give the schema of a route's arguments: those of its typed method, by their names on the wire."""
    method: Any = reduce(getattr, row.python.split(".")[1:], client)
    found = schema(model(row.path, getattr(method, "__func__", None) or type(method).__call__))
    wire = {one.python: one.name for one in row.arguments}
    properties = {wire[name]: one for name, one in found.get("properties", {}).items() if name in wire}
    required = [wire[name] for name in found.get("required", ())]
    return {**found, "properties": properties, "required": required}
