"""Lists that come in pages are iterated over to their end, whatever happens to them meanwhile, in the same way for every route."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from cocalc_v2.operations import OPERATIONS
from cocalc_v2.types import AsyncPages, Pages, Recent

from cocalc_facade import (
    AsyncCoCalc,
    CoCalc,
    CoCalcError,
    InvalidRequestError,
    PermissionDeniedError,
    UnexpectedResponse,
)
from cocalc_facade.testing import StandIn
from tests.rows import every_row
from tests.wire.wires import KEY, PROJECT, Both, connected

PAGED = sorted(path for path, row in OPERATIONS.items() if row.pagination)
OBJECTS = {
    "messages/get": "messages",
    "purchases/get-purchases": "purchases",
    "purchases/get-purchases-admin": "purchases",
}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "compute/cloud-filesystem/get-metrics": {"cloud_filesystem_id": 1},
    "purchases/get-purchases-admin": {"account_id": PROJECT},
    "purchases/get-statements": {"interval": "day"},
}


def method(client: Any, path: str) -> Callable[..., Any]:
    *folders, name = path.replace("-", "_").split("/")
    for folder in folders:
        client = getattr(client, folder)
    found: Callable[..., Any] = getattr(client, f"iter_{name}")
    return found


def listed(both: Both, pages: Callable[[Any], Any], into: list[Any] | None = None) -> list[Any]:
    """What an iterator gives; with `into` also what came before an error."""
    found: list[Any] = [] if into is None else into

    async def collect() -> None:
        async for row in pages(both.client):
            found.append(row)  # noqa: PERF401 - what came before an error is to be kept

    if isinstance(both.client, CoCalc):
        found.extend(pages(both.client))
    else:
        both.do(lambda _: collect())
    return found


class Server:
    """A server that has so many rows, and gives them as the operation table says that it does."""

    def __init__(self, path: str, count: int) -> None:
        self.path = path
        self.rows: list[dict[str, Any]] = [
            {"id": number, "project_id": str(number)} for number in range(count)
        ]
        self.asked: list[dict[str, Any]] = []
        self.before: Callable[[int], object] = lambda _: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        self.asked.append(body)
        self.before(len(self.asked))
        how = OPERATIONS[self.path].pagination or {}
        first = body.get(how.get("offset", ""), 0)
        if after := body.get(how.get("cursor", "")):
            first = next(index for index, row in enumerate(self.rows) if str(row["id"]) == after) + 1
        rows = self.rows[first : first + body["limit"]]
        if "cursor" in how:
            rows = [{**row, "id": str(row["id"])} for row in rows]
            return httpx.Response(
                200, json={"data": rows, "has_more": first + len(rows) < len(self.rows), "object": "list"}
            )
        named = OBJECTS.get(self.path)
        return httpx.Response(200, json={named: rows, "status": "success", "balance": 0} if named else rows)


@pytest.mark.parametrize("path", PAGED)
def test_every_route_with_pages_is_read_to_its_end(kind: str, path: str) -> None:
    how = OPERATIONS[path].pagination or {}
    size = int(how.get("max") or how.get("default") or 100)
    for count in (0, 1, size, 2 * size, 2 * size + 1):
        server = Server(path, count)
        with connected(kind, server) as both:
            found = listed(both, lambda client: method(client, path)(**ARGUMENTS.get(path, {})))
        assert len(found) == count
        if "next" not in how:
            assert all(body["limit"] == size for body in server.asked)
            assert len(server.asked) in (count // size, count // size + 1)


@every_row("path", PAGED)
@every_row("limit", [0, 1, 7])
def test_no_more_is_asked_for_than_wanted(kind: str, path: str, limit: int) -> None:
    server = Server(path, 30)
    with connected(kind, server) as both:
        found = listed(both, lambda client: method(client, path)(limit=limit, **ARGUMENTS.get(path, {})))
    assert len(found) == limit
    assert [body["limit"] for body in server.asked] == ([limit] if limit else [])


def test_what_appears_between_pages_gives_nothing_twice(kind: str) -> None:
    server = Server("messages/get", 1200)
    server.before = lambda calls: server.rows.insert(0, {"id": 10_000 + calls}) if calls > 1 else None
    with connected(kind, server) as both:
        found = [message.id for message in listed(both, lambda client: client.messages.iter_get())]
    assert found == list(range(1200))


def test_what_is_remembered_of_a_list_does_not_grow_with_it() -> None:
    recent = Recent()
    for key in range(25_000):
        assert key not in recent
        recent.add(key)
        assert key in recent
        assert max(0, key - Recent.KEPT + 1) in recent
    assert sum(key in recent for key in range(25_000)) <= 2 * Recent.KEPT


@pytest.mark.parametrize(
    "path", ["messages/get", "compute/cloud-filesystem/get-metrics", "purchases/stripe/get-payments"]
)
def test_a_server_that_gives_the_same_page_again_has_no_more(kind: str, path: str) -> None:
    server = Server(path, 5000)
    answers: list[httpx.Response] = []

    def always_the_first(request: httpx.Request) -> httpx.Response:
        answer = server(request)
        answers.append(answer)
        return httpx.Response(200, content=answers[0].content, headers={"content-type": "application/json"})

    with connected(kind, always_the_first) as both:
        found = listed(both, lambda client: method(client, path)(**ARGUMENTS.get(path, {})))
    assert len(answers) == 2
    assert len(found) == server.asked[0]["limit"]


@pytest.mark.parametrize("most", [1, 7, 99])
@pytest.mark.parametrize("limit", [None, 150])
def test_a_server_that_says_there_is_more_is_asked_on_however_few_it_gave(
    kind: str, most: int, limit: int | None
) -> None:
    server = Server("purchases/stripe/get-payments", 230)

    def sparing(request: httpx.Request) -> httpx.Response:
        wanted = json.loads(request.content)
        wanted["limit"] = min(most, wanted["limit"])
        return server(httpx.Request("POST", request.url, json=wanted))

    with connected(kind, sparing) as both:
        found = listed(both, lambda client: client.purchases.stripe.iter_get_payments(limit=limit))
    assert [row.id for row in found] == [str(number) for number in range(limit or 230)]


@pytest.mark.parametrize("value", ["x", 7, {}, {"0": {}}, True])
@pytest.mark.parametrize(
    ("path", "at"), [("messages/get", "messages"), ("purchases/stripe/get-payments", "data")]
)
def test_a_page_whose_rows_are_no_list_is_an_error(kind: str, path: str, at: str, value: Any) -> None:
    answer = {"status": "success", "object": "list", at: value}
    with (
        connected(kind, lambda _: httpx.Response(200, json=answer)) as both,
        pytest.raises(UnexpectedResponse, match=f"^{path}: a list of rows is expected in {at}, not "),
    ):
        listed(both, lambda client: method(client, path)())


@pytest.mark.parametrize("path", ["projects/get", "compute/cloud-filesystem/get-metrics"])
def test_an_answer_that_is_no_list_is_an_error(kind: str, path: str) -> None:
    with (
        connected(kind, lambda _: httpx.Response(200, json={"rows": []})) as both,
        pytest.raises(UnexpectedResponse, match=f"^{path}: "),
    ):
        listed(both, lambda client: method(client, path)(**ARGUMENTS.get(path, {})))


def test_what_came_before_an_error_is_kept(kind: str) -> None:
    server = Server("messages/get", 1200)

    def failing(request: httpx.Request) -> httpx.Response:
        answer = server(request)
        return answer if len(server.asked) < 3 else httpx.Response(200, json={"error": "no such thing"})

    found: list[Any] = []
    with connected(kind, failing) as both, pytest.raises(CoCalcError, match="no such thing"):
        listed(both, lambda client: client.messages.iter_get(), found)
    assert len(found) == 1000


def test_pages_come_only_as_far_as_they_are_wanted() -> None:
    server = Server("messages/get", 1200)
    with connected("sync", server) as both:
        pages = both.client.messages.iter_get()
        assert not server.asked
        assert next(iter(pages)).id == 0
        assert len(server.asked) == 1
        assert repr(pages) == "<Pages of messages/get>"
        assert len(list(pages)) == 1200


@pytest.mark.parametrize("limit", [-1, 1.5, "5", True, KEY, float("nan"), [3]])
def test_a_limit_that_is_none_is_refused(kind: str, limit: Any) -> None:
    with (
        connected(kind, Server("messages/get", 1)) as both,
        pytest.raises(InvalidRequestError, match="limit: a whole number") as caught,
    ):
        both.client.messages.iter_get(limit=limit)
    assert caught.value.field == "limit"
    assert KEY not in str(caught.value)


class Newer(Server):
    """A server that gives at most so many projects at once, and says in a header where the next ones begin."""

    most = 2

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        self.asked.append(body)
        if len(self.asked) == self.fails_at:
            return httpx.Response(200, json={"error": "API key lacks required capability 'project:list'"})
        first = body.get("offset", 0)
        rows = self.rows[first : first + min(self.most, body["limit"])]
        more = first + len(rows) < len(self.rows)
        headers = {"X-CoCalc-Next-Offset": str(first + len(rows))} if more else {}
        return httpx.Response(200, json=rows, headers=headers)

    fails_at = 0


def test_projects_of_newer_servers_come_page_by_page(kind: str) -> None:
    server = Newer("projects/get", 7)
    with connected(kind, server) as both:
        found = listed(both, lambda client: client.projects.iter_get())
        assert [row.project_id for row in found] == list("0123456")
        assert [body.get("offset", 0) for body in server.asked] == [0, 2, 4, 6]
        server.asked.clear()
        assert len(listed(both, lambda client: client.projects.iter_get(limit=3))) == 3
        assert [(body.get("offset", 0), body["limit"]) for body in server.asked] == [(0, 3), (2, 1)]
    if kind == "sync":
        server.asked.clear()
        with connected(kind, server) as both:
            assert next(iter(both.client.projects.iter_get())).project_id == "0"
        assert len(server.asked) == 1


def test_an_error_in_the_middle_does_not_lose_the_projects_before_it(kind: str) -> None:
    server = Newer("projects/get", 7)
    server.fails_at = 3
    found: list[Any] = []
    with connected(kind, server) as both, pytest.raises(PermissionDeniedError):
        listed(both, lambda client: client.projects.iter_get(), found)
    assert [row.project_id for row in found] == list("0123")


def test_a_page_with_nothing_in_it_is_not_the_end_when_the_server_says_so(kind: str) -> None:
    pages = {0: ([], "2"), 2: ([{"project_id": "a"}], "3"), 3: ([{"project_id": "b"}], "3")}

    def server(request: httpx.Request) -> httpx.Response:
        rows, following = pages[json.loads(request.content).get("offset", 0)]
        return httpx.Response(200, json=rows, headers={"X-CoCalc-Next-Offset": following})

    with connected(kind, server) as both:
        found = listed(both, lambda client: client.projects.iter_get())
    assert [row.project_id for row in found] == ["a", "b"]


def test_projects_that_come_again_under_another_offset_are_the_end(kind: str) -> None:
    asked: list[int] = []

    def server(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content).get("offset", 0))
        following = {"X-CoCalc-Next-Offset": str(asked[-1] + 2)}
        return httpx.Response(200, json=[{"project_id": "a"}, {"project_id": "b"}], headers=following)

    with connected(kind, server) as both:
        found = listed(both, lambda client: client.projects.iter_get())
    assert [row.project_id for row in found] == ["a", "b"]
    assert asked == [0, 2]


def test_on_the_stand_in(kind: str) -> None:
    standin = StandIn()
    for number in range(1100):
        standin.purchase(standin.user, 1.0 + number)
    with connected(kind, Server("messages/get", 0)) as both:
        client: Any = (CoCalc if kind == "sync" else AsyncCoCalc)(
            standin.user.key,
            "http://localhost:5000",
            http_client=(httpx.Client if kind == "sync" else httpx.AsyncClient)(
                transport=standin.transport()
            ),
        )
        found = listed(Both(client, both._runner), lambda client: client.purchases.iter_get_purchases())
        pages = client.purchases.iter_get_purchases(limit=3)
    assert len({purchase.id for purchase in found}) == len(found) == 1100
    assert isinstance(pages, Pages if kind == "sync" else AsyncPages)
