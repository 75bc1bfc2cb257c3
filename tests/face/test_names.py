"""A name that is not there: the error says what was meant; and nothing completes to what is not for users."""

from __future__ import annotations

import inspect
import re
from typing import Any, get_type_hints

import pytest
from cocalc_v2 import models

import cocalc_facade
from cocalc_facade import AsyncCoCalc, CoCalc
from cocalc_facade.testing import StandIn

PROJECT = "826cd844-c73b-47a4-bbf1-cc75a50cf5ee"
KINDS = (CoCalc, AsyncCoCalc)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def client(request: pytest.FixtureRequest) -> Any:
    return request.param("sk-N0b0dysKeY00000001", "http://localhost:1")


MISSPELLED: dict[str, tuple[Any, str]] = {
    "a method": (lambda client: client.projects.stoop, "did you mean 'stop'?"),
    "a group": (lambda client: client.projets, "did you mean 'projects'?"),
    "a group in a group": (lambda client: client.projects.colaborators, "did you mean 'collaborators'?"),
    "a job": (lambda client: client.compile_latx, "did you mean 'compile_latex'?"),
    "a raw method": (lambda client: client.with_raw_response.projets, "did you mean 'projects'?"),
    "a raw method of a group": (lambda client: client.with_raw_response.projects.gte, "did you mean 'get'?"),
    "a method of a handle": (lambda client: client.project(PROJECT).stpo, "did you mean 'stop'?"),
    "a method of the cart": (lambda client: client.cart.item, "did you mean 'items'?"),
    "a handle that was not asked for": (lambda client: client.project.stop, r"client\.projects\.stop"),
}


@pytest.mark.parametrize("case", MISSPELLED)
def test_a_misspelled_name_says_what_was_meant(client: Any, case: str) -> None:
    act, words = MISSPELLED[case]
    with pytest.raises(AttributeError, match=words):
        act(client)


def test_what_is_not_there_is_not_there(client: Any) -> None:
    for thing in (client, client.projects, client.project(PROJECT), client.project):
        assert not hasattr(thing, "nothing_like_it")
        assert not hasattr(thing, "_repr_html_")
        assert getattr(thing, "__wrapped_by_nobody__", 7) == 7


@pytest.mark.parametrize("name", ["stop", "stpo", "run", "create", "assignments", "assign", "project_id"])
@pytest.mark.parametrize("method", ["project", "course", "find_project", "ensure_project"])
def test_what_is_said_of_a_handle_that_was_not_asked_for_is_there(
    client: Any, method: str, name: str
) -> None:
    called = getattr(client, method)
    handle = get_type_hints(called)["return"]
    with pytest.raises(AttributeError) as caught:
        getattr(called, name)
    said = str(caught.value).partition(": ")[2]
    assert f"client.{method}(…)" in said or said == f"client.{method}s.{name} is the route"
    assert ("await" in said) == inspect.iscoroutinefunction(inspect.unwrap(called))
    for _, of_handle in re.findall(r"\(…\)(\)?)\.(\w+)", said):
        assert of_handle in dir(handle)
    for meant in re.findall("did you mean '(\\w+)'", said):
        assert meant in dir(handle)
    for group, route in re.findall(r"client\.(\w+)\.(\w+)", said):
        assert callable(getattr(getattr(client, group), route))


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("timeot", "did you mean 'timeout'?"),
        ("max_retry", "did you mean 'max_retries'?"),
        ("http_client", "set when the client is made"),
        ("base_url", "set when the client is made"),
        ("nothing_like_it", "has no option 'nothing_like_it'$"),
    ],
)
def test_an_option_that_a_view_does_not_have(client: Any, option: str, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        client.with_options(**{option: 1})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("verify", r"http_client=httpx\.Client\(verify=…\)"),
        ("proxy", r"http_client=httpx\.Client\(proxy=…\)"),
        ("apikey", "did you mean 'api_key'?"),
        ("token", "it is api_key="),
        ("host", "it is base_url="),
        ("timeot", "did you mean 'timeout'?"),
    ],
)
def test_an_option_that_a_client_does_not_have(kind: type, option: str, words: str) -> None:
    with pytest.raises(TypeError, match=words) as caught:
        kind(**{option: "sk-N0b0dysKeY00000002"})
    assert "N0b0dys" not in str(caught.value)


def test_a_misspelled_route_says_what_was_meant() -> None:
    import httpx

    with CoCalc(
        "sk-N0b0dysKeY00000001",
        "http://localhost:1",
        http_client=httpx.Client(transport=StandIn().transport()),
    ) as client:
        with pytest.raises(cocalc_facade.CoCalcError, match="did you mean 'projects/stop'"):
            client.call("projects/stoop", {"project_id": PROJECT})
        with pytest.raises(cocalc_facade.CoCalcError, match="did you mean 'projects/stop'"):
            client.map("projects/stoop", [PROJECT])


def test_signatures_stay_as_they_are_written() -> None:
    for kind in KINDS:
        assert {"api_key", "base_url", "timeout", "http_client"} <= inspect.signature(kind).parameters.keys()
        made = kind("sk-N0b0dysKeY00000001", "http://localhost:1").project
        assert inspect.ismethod(made)
        assert list(inspect.signature(made).parameters) == ["project_id", "keep_running"]


def test_completion_shows_what_is_for_users(client: Any) -> None:
    offered = (
        client,
        client.projects,
        client.with_raw_response,
        client.with_raw_response.projects,
        client.project(PROJECT),
        client.keys,
        client.cart,
        client.iter_purchases(),
        models.ProjectSummary(project_id=PROJECT),
    )
    for thing in offered:
        names = dir(thing)
        assert [name for name in names if name.startswith("_") and not name.startswith("__")] == [], thing
        assert any(not name.startswith("_") for name in names)
        assert re.match(r"<?[A-Z]\w+\b(?!\.)", repr(thing)), thing


def test_a_project_is_the_handle_and_the_row_has_another_name() -> None:
    assert cocalc_facade.Project.__name__ == "Project"
    assert models.ProjectSummary.__name__ == "ProjectSummary"
    assert "Project" not in {*dir(models), *models.__all__}
    for _ in range(2):  # it tells whoever uses it, not only who is first
        with pytest.warns(DeprecationWarning, match=r"models\.Project is now called ProjectSummary") as told:
            assert models.Project is models.ProjectSummary
        assert told[0].filename == __file__
