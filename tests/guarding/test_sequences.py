"""Whatever is called, and in whatever order: nothing that changes something reaches the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cocalc_facade import CoCalc, CoCalcError
from cocalc_facade.testing import Oddities, StandIn

from .conftest import FACTS, Still, arguments_of, changing

NULLS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
TABLES = st.sampled_from(["accounts", "projects", "create_message", "crm_people", "news", ""])
QUERIES = st.dictionaries(TABLES, NULLS, max_size=2)
ROUTES = st.tuples(
    st.just("call"), st.sampled_from(sorted(FACTS)), st.dictionaries(st.text(max_size=4), NULLS, max_size=2)
)
QUERYING = st.tuples(
    st.just("call"),
    st.just("user-query"),
    st.fixed_dictionaries({"query": QUERIES | st.lists(QUERIES, max_size=2)}),
)
KEYING = st.tuples(
    st.just("call"),
    st.just("api-keys"),
    st.fixed_dictionaries({"action": st.sampled_from(["get", "create", "delete", "edit", None])}),
)
JOBS: dict[str, Callable[[Any, str], Any]] = {
    "start": lambda c, p: c.project(p).start(timeout=5),
    "stop": lambda c, p: c.project(p).stop(timeout=5),
    "create": lambda c, p: c.projects.create(title=p),
    "run": lambda c, p: c.run(p, "ls"),
    "follow": lambda c, p: c.run(p, ["ls"], timeout=300, stream=str),
    "wait": lambda c, p: c.wait_for_command(p, "job"),
    "write": lambda c, p: c.project(p).write_text("a", "b"),
    "read": lambda c, p: c.project(p).read_bytes("a"),
    "list": lambda c, p: c.list_directory(p),
    "known": lambda c, p: c.list_directory(p, live=False),
    "walk": lambda c, p: list(c.walk_directory(p)),
    "upload": lambda c, p: c.project(p).upload(__file__, "a"),
    "large": lambda c, p: c.project(p).write_bytes("a", bytes(400_000)),
    "download": lambda c, p: c.project(p).download("a", __file__),
    "delete": lambda c, p: c.project(p).delete("a", confirm=True),
    "all": lambda c, p: c.wait_for_projects([p], timeout=5),
    "map a job": lambda c, p: c.map(c.run, [p, p], "ls"),
    "copy": lambda c, p: c.project(p).copy_to(p, "a"),
    "latex": lambda c, p: c.compile_latex(path="a.tex", project_id=p),
    "add": lambda c, p: c.cart.add_license(user="academic", project_id=p),
    "items": lambda c, p: c.cart.items(),
    "checkout": lambda c, p: c.cart.checkout(confirm=True),
    "key": lambda c, p: c.keys.rotate(c.keys.create("x").id),
    "map": lambda c, p: c.map("projects/touch", [p, p]),
    "raw": lambda c, p: c.with_raw_response.projects.delete(project_id=p).parse(),
    "write rows": lambda c, p: c.update("projects", {"project_id": p, "title": "x"}),
    "read rows": lambda c, p: c.query("projects", ["title"], {"project_id": p}),
    "bought": lambda c, p: list(c.iter_purchases(project_id=p)),
    "who": lambda c, p: c.whoami(),
    "may": lambda c, p: c.can("exec", p),
}
STEPS = ROUTES | QUERYING | KEYING | st.tuples(st.just("job"), st.sampled_from(sorted(JOBS)), st.booleans())


def take(client: Any, step: tuple[str, str, Any], projects: list[str]) -> None:
    kind, name, more = step
    try:
        if kind == "job":
            JOBS[name](client, projects[-1 if more else 0])
        else:
            client.call(name, {**arguments_of(client, name), **more}, confirm=True, check=False)
    except (CoCalcError, Warning):
        pass


@settings(max_examples=30, deadline=None)
@given(st.lists(STEPS, max_size=8), st.sampled_from([{"read_only": True}, {"dry_run": True}]))
def test_nothing_that_changes_something_reaches_the_server(steps: Any, option: dict[str, bool]) -> None:
    standin = StandIn(oddities=Oddities(rate_limits=False))
    client = CoCalc(
        standin.user.key,
        "http://localhost",
        http_client=standin.client(),
        max_retries=0,
        _clock=Still(),
        **option,
    )
    projects = [standin.project.project_id]
    if "dry_run" in option:
        projects.append(client.projects.create(title="x").project_id)
    for step in steps:
        take(client, step, projects)
    assert not [seen.path for seen in standin.requests if changing(seen.path, seen.params)]
    if "dry_run" in option:
        assert not [seen for seen in standin.requests if projects[1] in str(seen.params)]
        assert {call.path for call in client.planned} >= {"projects/create"}
    else:
        assert client.planned == ()
