"""One call on a warm connection."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from http.client import HTTPConnection
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import httpx

from cocalc_facade import CoCalc
from scripts.benchmarks.contest import NotHereError, Side, row
from scripts.benchmarks.loopback import loopback
from scripts.benchmarks.start import PROJECT
from scripts.benchmarks.worker import cpu, warm

CALLS = 300


@row(0.60, "one warm typed call, keep-alive", "`httpx.Client.post(url, json=…).json()`")
def call(stack: ExitStack) -> tuple[Side, Side]:
    """On connections of our own."""
    server = stack.enter_context(loopback())
    return warm(stack, typed_calls, server), warm(stack, posts, server)


@row(2.20, "the same", "`http.client`, keep-alive, and `json`")
def call_limit(stack: ExitStack) -> tuple[Side, Side]:
    """Against the least that Python itself brings."""
    server = stack.enter_context(loopback())
    return warm(stack, typed_calls, server), warm(stack, plain_posts, server)


@row(1.00, "the same on a shared httpx2 client", "bare httpx2")
def call_httpx2(stack: ExitStack) -> tuple[Side, Side]:
    """On a client that the caller made and shares."""
    if find_spec("httpx2") is None:
        raise NotHereError("pip install httpx2")
    server = stack.enter_context(loopback())
    return warm(stack, shared_typed_calls, server, "httpx2"), warm(stack, posts, server, "httpx2")


def repeated(work: Callable[[], object]) -> Side:
    """CPU seconds for `CALLS` times the work."""

    def many() -> None:
        for _ in range(CALLS):
            work()

    return cpu(many)


def typed_calls(server: str) -> Side:
    """`client.projects.stop`."""
    client = CoCalc(base_url=server)
    return repeated(lambda: client.projects.stop(project_id=PROJECT))


def shared_typed_calls(server: str, library: str) -> Side:
    """The same with `http_client`."""
    http: Any = import_module(library)
    client = CoCalc(base_url=server, http_client=http.Client())
    return repeated(lambda: client.projects.stop(project_id=PROJECT))


def plain_posts(server: str) -> Side:
    """The same with the standard library alone."""
    connection = HTTPConnection(server.removeprefix("http://"))
    headers = {"Content-Type": "application/json"}

    def post() -> object:
        body = json.dumps({"project_id": PROJECT})
        connection.request("POST", "/api/v2/projects/stop", body, headers)
        return json.loads(connection.getresponse().read())

    return repeated(post)


def posts(server: str, library: str = "httpx") -> Side:
    """What one would write without us; nothing but the request, no key, no check."""
    http: Any = import_module(library)
    client: httpx.Client = http.Client()
    url = f"{server}/api/v2/projects/stop"
    return repeated(lambda: client.post(url, json={"project_id": PROJECT}).json())
