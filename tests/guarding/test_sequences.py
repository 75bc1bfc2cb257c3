"""Whatever is called, by whatever client, and in whatever order: nothing that changes something reaches the server."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocalc_facade import AsyncCoCalc, CoCalc, CoCalcError, ConfigurationError
from cocalc_facade.testing import Oddities, StandIn

from .conftest import FACTS, WORDS, Still, arguments_of, changing
from .members import COURSE, NOWHERE, PARTS, ROWS, awaited, gone_through, pages, typed, without_row

NULLS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
TABLES = st.sampled_from(["accounts", "projects", "create_message", "crm_people", "news", ""])
QUERIES = st.dictionaries(TABLES, NULLS, max_size=2)
PATHS = st.sampled_from(sorted(FACTS))
STEPS = (
    st.tuples(st.just("call"), PATHS, st.dictionaries(st.text(max_size=4), NULLS, max_size=2))
    | st.tuples(
        st.just("call"),
        st.just("user-query"),
        st.fixed_dictionaries({"query": QUERIES | st.lists(QUERIES, max_size=2)}),
    )
    | st.tuples(
        st.just("call"),
        st.just("api-keys"),
        st.fixed_dictionaries({"action": st.sampled_from(["get", "create", "delete", "edit", None])}),
    )
    | st.tuples(st.sampled_from(["typed", "raw"]), PATHS, st.none())
    | st.tuples(st.just("row"), st.sampled_from(sorted(ROWS)), st.booleans())
    | st.tuples(
        st.just("view"),
        st.sampled_from(["read_only", "dry_run", "timeout", "max_retries"]),
        st.sampled_from([True, False, 5]),
    )
)
PROFILE = "[profiles.safe]\nread_only = true\n"


class Made(NamedTuple):
    """A way to make a client that may change nothing, and whether it lists what it does not do."""

    make: Callable[..., Any]
    dry: bool


def by_argument(kind: Any, option: dict[str, bool], *given: Any, **named: Any) -> Any:
    return kind(*given, **named, **option)


def by_view(kind: Any, option: dict[str, bool], *given: Any, **named: Any) -> Any:
    return kind(*given, **named).with_options(**option)


def by_environment(kind: Any, variable: str, value: str, *given: Any, **named: Any) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(variable, value)
        return kind(*given, **named)


def by_profile(kind: Any, key: str, host: str, **named: Any) -> Any:
    return kind.from_profile("safe", api_key=key, base_url=host, **named)


READS, DRY = {"read_only": True}, {"dry_run": True}
WAYS = {
    f"{name}, {sort}": Made(partial(make, kind, *more), dry)
    for sort, kind in {"sync": CoCalc, "async": AsyncCoCalc}.items()
    for name, make, more, dry in [
        ("read_only", by_argument, (READS,), False),
        ("a view that is read_only", by_view, (READS,), False),
        ("COCALC_READ_ONLY", by_environment, ("COCALC_READ_ONLY", "1"), False),
        ("a profile", by_profile, (), False),
        ("COCALC_PROFILE", by_environment, ("COCALC_PROFILE", "safe"), False),
        ("dry_run", by_argument, (DRY,), True),
        ("a view that is dry", by_view, (DRY,), True),
        ("both", by_argument, ({**READS, **DRY},), False),
    ]
}


@pytest.fixture(scope="module", autouse=True)
def profile(tmp_path_factory: pytest.TempPathFactory) -> Iterable[None]:
    folder: Path = tmp_path_factory.mktemp("settings")
    (folder / "cocalc-facade").mkdir(mode=0o700)
    (folder / "cocalc-facade" / "config.toml").write_text(PROFILE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(folder))
        yield


def clients(standin: StandIn, way: str) -> Any:
    http_client = standin.async_client() if way.endswith("async") else standin.client()
    named = {"http_client": http_client, "max_retries": 0, "_clock": Still()}
    return WAYS[way].make(standin.user.key, "http://localhost", **named)


async def take(client: Any, step: tuple[str, str, Any], projects: list[str]) -> Any:
    """Take a step, and give the client to go on with."""
    kind, name, more = step
    try:
        if kind == "view":
            return client.with_options(**{name: more})
        if kind == "row":
            value = ROWS[name](client, projects[-1 if more else 0])
        elif kind == "pages":
            method = pages(client)[name]
            wanted = inspect.signature(method).parameters.values()
            value = method(**{one.name: 1 for one in wanted if one.default is one.empty})
        elif kind == "call":
            value = client.call(name, {**arguments_of(client, name), **more}, confirm=True, check=False)
        else:
            row = client.describe(name)
            given = {one.python: WORDS[one.kind] for one in row.required}
            confirmed = {"confirm": True} if row.confirm is not None else {}
            value = typed(client.with_raw_response if kind == "raw" else client, name)(**given, **confirmed)
        await awaited(gone_through(value))
    except (CoCalcError, Warning):
        pass
    return client


async def taken(standin: StandIn, way: str, steps: Iterable[tuple[str, str, Any]]) -> Any:
    """Take steps with a client of a new kind, and say what of all it asked for changes something."""
    standin.add_course(COURSE, students=2)
    CoCalc(standin.user.key, "http://localhost", http_client=standin.client()).cart.add_license(
        user="academic"
    )
    standin.requests.clear()
    client = clients(standin, way)
    projects = [standin.project.project_id]
    if WAYS[way].dry:
        projects.append((await awaited(client.projects.create(title="x"))).project_id)
    before = client
    for step in steps:
        client = await take(client, step, projects)
    assert not [seen.path for seen in standin.requests if changing(seen.path, seen.params)]
    assert not NOWHERE.exists()
    if WAYS[way].dry:
        assert not [seen for seen in standin.requests if projects[1] in str(seen.params)]
        assert {call.path for call in client.planned} >= {"projects/create"}
    assert client.planned == before.planned
    return client


@settings(max_examples=40, deadline=None)
@given(st.lists(STEPS, max_size=8), st.sampled_from(sorted(WAYS)))
def test_nothing_that_changes_something_reaches_the_server(steps: Any, way: str) -> None:
    asyncio.run(taken(StandIn(oddities=Oddities(rate_limits=False)), way, steps))


@pytest.mark.filterwarnings("ignore")  # of routes that fail, or are deprecated
@pytest.mark.parametrize("way", [way for way in WAYS if not way.startswith(("a view", "COCALC_"))])
def test_no_member_and_no_route_changes_anything(way: str, standin: StandIn) -> None:
    client = clients(standin, way)
    every: list[tuple[str, str, Any]] = [("row", name, more) for name in ROWS for more in (False, True)]
    every += [("pages", name, None) for name in pages(client)]
    every += [(kind, path, None) for path in FACTS for kind in ("typed", "raw")]
    client = asyncio.run(taken(standin, way, every))
    if WAYS[way].dry:
        assert len({call.path for call in client.planned}) > 80


@pytest.mark.parametrize("kind", [CoCalc, AsyncCoCalc])
def test_every_member_of_a_client_has_a_row(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client, project = kind("sk-" + "0" * 24), "6c28b3c0-8f0e-4e43-9e1f-3f2f4b9a6d70"
    assert without_row(client, project) == set()
    for part, (_, gives) in PARTS.items():
        monkeypatch.setattr(type(gives(client, project)), "newcomer", lambda _: None, raising=False)
        assert without_row(client, project) == {f"{part}.newcomer"}
        monkeypatch.undo()


@pytest.mark.parametrize("way", sorted(WAYS))
def test_no_view_takes_it_back(way: str, standin: StandIn) -> None:
    client = clients(standin, way)
    options = client._session.options
    for option in ("read_only", "dry_run"):
        if option == "dry_run" and client._session.plan is None:
            continue
        if option == "read_only" and not options.read_only:
            continue
        for view in (client, client.with_options(timeout=3), client.with_options(read_only=True)):
            with pytest.raises(ConfigurationError, match=f"{option}: a view"):
                view.with_options(**{option: False})
