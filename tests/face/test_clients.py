"""The clients themselves: what they cost before the first call, who closes what, views, threads, forks, given transports."""

from __future__ import annotations

import asyncio
import copy
import os
import pickle
import subprocess
import sys
import threading
from typing import Any

import httpx
import pytest

from cocalc_facade import AsyncCoCalc, CoCalc, ConfigurationError, TimedOut, Timeout
from tests.wire.sockets import PATIENCE, Misbehaving, holds, in_turn, misbehaving, says, then
from tests.wire.wires import KEY, PROJECT, Script, connected

OK = {"status": "ok"}


def in_new_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_package_imports_next_to_nothing() -> None:
    code = "import sys; before = set(sys.modules); import cocalc_facade; print(sorted(set(sys.modules) - before))"
    assert in_new_python(code) == "['__future__', 'cocalc_facade', 'cocalc_facade._version']"


def test_a_client_is_built_without_httpx_attrs_network_or_tls() -> None:
    code = (
        "import sys, cocalc_facade\n"
        f"cocalc_facade.CoCalc({KEY!r}, 'https://localhost:1')\n"
        "print([m for m in ('httpx', 'attr', 'dateutil', 'ssl', 'asyncio') if m in sys.modules])"
    )
    assert in_new_python(code) == "[]"


def test_ready_to_call_takes_few_modules_more_than_httpx_itself() -> None:
    code = (
        "import sys, httpx; httpx.Client(); before = set(sys.modules)\n"
        "from cocalc_facade import CoCalc\n"
        f"CoCalc({KEY!r}, 'http://localhost:1')\n"
        "print(len(set(sys.modules) - before))"
    )
    assert int(in_new_python(code)) <= 37


def test_a_closed_client_says_so(kind: str) -> None:
    with connected(kind, Script(OK)) as both:
        both.do(lambda client: client.close() if kind == "sync" else client.aclose())
        with pytest.raises(ConfigurationError, match="closed"):
            both.call("projects/stop", {"project_id": PROJECT})


def test_a_client_that_was_given_is_not_closed() -> None:
    given = httpx.Client(transport=httpx.MockTransport(Script(OK)))
    with CoCalc(KEY, http_client=given) as client:
        client.call("new/route")
    assert not given.is_closed
    given.close()
    with pytest.raises(ConfigurationError, match="closed"):
        CoCalc(KEY, http_client=given).call("new/route")


async def test_an_async_client_that_was_given_is_not_closed() -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(Script(OK))) as given:
        async with AsyncCoCalc(KEY, http_client=given) as client:
            await client.call("new/route")
        assert not given.is_closed


def test_a_client_of_the_wrong_kind_is_refused() -> None:
    with httpx.Client() as sync:
        with pytest.raises(ConfigurationError, match="AsyncClient"):
            AsyncCoCalc(KEY, http_client=sync)
        with pytest.raises(ConfigurationError, match=r"not builtins\.str"):
            CoCalc(KEY, http_client="client")


def test_a_given_client_is_used_with_its_headers_but_without_its_cookies_and_login() -> None:
    script = Script(OK)
    given = httpx.Client(
        transport=httpx.MockTransport(script),
        headers={"X-Gateway": "yes", "Authorization": "Bearer other"},
        cookies={"remember_me": "old"},
        auth=("somebody", "else"),
        params={"in": "url"},
        follow_redirects=True,
    )
    with CoCalc(KEY, http_client=given, auth="bearer") as client:
        client.call("new/route")
    headers = script.requests[0].headers
    assert headers["x-gateway"] == "yes"
    assert headers["authorization"] == f"Bearer {KEY}"
    assert "cookie" not in headers
    assert script.requests[0].url.query == b""


@pytest.mark.parametrize("proxied", [None, "http://localhost:1"])
def test_no_cookie_is_kept(kind: str, proxied: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if proxied:
        monkeypatch.setenv("ALL_PROXY", proxied)
        monkeypatch.setenv("NO_PROXY", "localhost")
    setting = says(Set_Cookie="remember_me=abc; Path=/; HttpOnly")
    with misbehaving(setting) as server, connected(kind, None, server.url) as both:
        both.call("new/route")
        both.call("new/route")
    assert [b"cookie:" in head for head in server.heads] == [False, False]


def test_a_view_has_other_options_on_the_same_connections_and_leaves_its_parent_alone(kind: str) -> None:
    script = Script(OK)
    with connected(kind, script) as both:
        view = both.viewed(timeout=Timeout(9), max_retries=0, strict=True)
        both.do(lambda client: view.client.call("new/route"))
        both.call("new/route")
        assert view.client._driver is both.client._driver
        assert view.client.mismatches is both.client.mismatches
        assert both.client._session.options.strict is False
        both.do(lambda client: view.client.close() if kind == "sync" else view.client.aclose())
        both.call("new/route")
        with pytest.raises(TypeError):
            both.viewed(api_key="x")
        with pytest.raises(ConfigurationError):
            both.viewed(max_retries=-1)
    assert [r.extensions["timeout"]["read"] for r in script.requests] == [9, 70, 70]


def test_a_client_is_neither_pickled_nor_copied() -> None:
    client = CoCalc(KEY)
    for act in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="key"):
            act(client)


def test_its_repr_shows_host_and_kind_of_key_only() -> None:
    assert (
        repr(CoCalc(KEY, "http://localhost:5000/base"))
        == "<CoCalc localhost:5000/base, account or project key>"
    )
    assert repr(AsyncCoCalc(base_url="cocalc.example")) == "<AsyncCoCalc cocalc.example, no key>"
    assert repr(CoCalc("sk-cc-v2.abc.def")) == "<CoCalc cocalc.com, scoped key>"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param(
            *("SSL_CERT_FILE", "/nowhere/ca.pem"),
            marks=pytest.mark.skipif(httpx.__version__ < "0.28", reason="httpx 0.27 itself passes over it"),
        ),
        ("HTTPS_PROXY", "gopher://proxy"),
    ],
)
def test_what_the_environment_spoils_is_said(
    kind: str, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with connected(kind, None, "https://cocalc.invalid") as both:
        for _ in range(3):
            with pytest.raises(ConfigurationError, match="SSL_CERT_FILE"):
                both.call("new/route")


def test_threads_share_a_client() -> None:
    with misbehaving(says()) as server, CoCalc(KEY, server.url, max_connections=3) as client:
        answers: list[Any] = []
        threads = [
            threading.Thread(target=lambda: answers.extend(client.call("new/route") for _ in range(10)))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [OK] * 80
        assert server.seen == 80
        assert server.connections <= 3


async def test_tasks_share_a_client_and_do_not_crowd_the_server() -> None:
    with misbehaving(says()) as server:
        async with AsyncCoCalc(KEY, server.url, max_connections=5) as client:
            answers = await asyncio.gather(*[client.call("new/route") for _ in range(100)])
        assert answers == [OK] * 100
        assert server.connections <= 5


async def test_a_call_that_finds_no_free_connection_in_time_was_not_sent() -> None:
    given_up = threading.Event()
    with misbehaving(then(lambda connection: given_up.wait(PATIENCE), says())) as server:
        async with AsyncCoCalc(KEY, server.url, max_connections=1, max_retries=0) as client:
            first = asyncio.create_task(client.call("new/route"))
            while server.seen < 1:
                await asyncio.sleep(0.001)
            with pytest.raises(TimedOut) as caught:
                await client.with_options(timeout=Timeout(pool=0.05)).call("new/route")
            given_up.set()
            assert await first == OK
    assert caught.value.maybe_executed is False
    assert server.seen == 1


def test_an_async_client_begins_anew_in_another_event_loop() -> None:
    with misbehaving(says()) as server:
        client = AsyncCoCalc(KEY, server.url)

        async def use(*, last: bool) -> Any:
            answer = await client.call("new/route")
            if last:
                await client.aclose()
            return answer

        script = Script(OK)
        shared = AsyncCoCalc(KEY, http_client=httpx.AsyncClient(transport=httpx.MockTransport(script)))
        assert asyncio.run(shared.call("new/route")) == OK
        assert asyncio.run(shared.call("new/route")) == OK
        assert asyncio.run(use(last=True)) == OK


@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork does not exist here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_opens_its_own_connections() -> None:
    with misbehaving(says()) as server, CoCalc(KEY, server.url) as client:
        client.call("new/route")
        child = os.fork()
        if child == 0:
            os._exit(0 if client.call("new/route") == OK else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert client.call("new/route") == OK
        assert server.seen == 3
        assert server.connections == 2


def test_a_cancelled_call_leaves_the_client_usable() -> None:
    async def scenario(server: Misbehaving) -> Any:
        async with AsyncCoCalc(KEY, server.url, max_connections=1) as client:
            task = asyncio.create_task(client.call("new/route"))
            while server.seen < 1:
                await asyncio.sleep(0.005)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return await client.call("new/route")

    with misbehaving(in_turn(holds, says())) as server:
        assert asyncio.run(scenario(server)) == OK


def test_whoami_tells_an_account_from_a_project_and_raises_for_a_stranger(kind: str) -> None:
    row = {"account_id": PROJECT, "first_name": "Uma", "last_name": "User", "email_address": "u@example.com"}
    answers = [
        {"query": {"accounts": row}},
        {"query": {}},
        {"error": "FATAL: anonymous get queries not allowed for table 'accounts'"},
    ]
    from cocalc_facade import AuthenticationError

    with connected(kind, Script(*answers)) as both:
        account = both.do(lambda client: client.whoami())
        assert (account.kind, account.account_id, account.email_address) == (
            "account",
            PROJECT,
            "u@example.com",
        )
        assert both.do(lambda client: client.whoami()).kind == "project"
        with pytest.raises(AuthenticationError):
            both.do(lambda client: client.whoami())


def test_whoami_asks_for_the_profile_where_keys_may_not_query(kind: str) -> None:
    refused = {"error": "api keys are not allowed to use user-query", "code": "api_key_denied"}
    script = Script(
        refused, {"profile": {"account_id": PROJECT, "first_name": "Uma"}}, refused, {"profile": {}}
    )
    from cocalc_facade import AuthenticationError

    with connected(kind, script) as both:
        assert both.do(lambda client: client.whoami()).account_id == PROJECT
        with pytest.raises(AuthenticationError):
            both.do(lambda client: client.whoami())


def test_httpx2_is_not_imported_unless_the_user_did() -> None:
    code = (
        "import sys, cocalc_facade\n"
        f"client = cocalc_facade.CoCalc({KEY!r}, 'http://localhost:1', max_retries=0)\n"
        "try: client.call('new/route')\n"
        "except cocalc_facade.ConnectionFailed: print('httpx' in sys.modules, 'httpx2' in sys.modules)"
    )
    assert in_new_python(code) == "True False"
