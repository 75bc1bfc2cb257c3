"""The page of states: what it shows is escaped, the server is asked once for all who look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the page needs FastAPI, which is not installed")

from fastapi.testclient import TestClient
from states_page import page

from cocalc_facade import AsyncCoCalc
from cocalc_facade.testing import StandIn


def made(server: StandIn) -> AsyncCoCalc:
    return AsyncCoCalc(
        server.user.key, base_url="http://localhost", http_client=server.async_client(), read_only=True
    )


@pytest.fixture
def browser(cocalc_server: StandIn) -> Iterator[Any]:
    with TestClient(page(lambda: made(cocalc_server))) as client:
        yield client


def test_states_are_shown_and_titles_cannot_put_anything_into_the_page(
    browser: Any, cocalc_server: StandIn
) -> None:
    cocalc_server.world.add_project(cocalc_server.user.account_id, "<script>alert(1)</script>")
    cocalc_server.project.start(cocalc_server.clock.now() - 60)
    text = browser.get("/").text
    assert "&lt;script&gt;" in text
    assert "<script>" not in text
    assert "3 projects, 1 running" in text


def test_many_who_look_ask_the_server_once(browser: Any, cocalc_server: StandIn) -> None:
    browser.get("/")
    before = len(cocalc_server.requests)
    titles = {row["title"] for row in browser.get("/projects.json").json()}
    assert cocalc_server.project.title in titles
    assert len(cocalc_server.requests) == before


def test_what_the_server_says_when_it_cannot_is_shown(browser: Any, cocalc_server: StandIn) -> None:
    cocalc_server.fail("user-query", kind="html", times=None, status=200)
    answer = browser.get("/")
    assert answer.status_code == 502
    assert "CoCalc says: " in answer.text
    assert browser.get("/projects.json").status_code == 502
    assert "error" in browser.get("/projects.json").json()
