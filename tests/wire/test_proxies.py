"""Where the key goes: to the server alone. This machine and plain http never meet a proxy; to others a proxy is a tunnel."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade import AsyncCoCalc, CoCalc, ConfigurationError, ConnectionFailed
from cocalc_facade._wire.hosts import parse_host

from .proxies import Proxy
from .secure import CERTIFICATE, server_side
from .sockets import Misbehaving, hangs_up, misbehaving, says
from .wires import KEY, connected

NAMES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
BASIC = b64encode(f"{KEY}:".encode())


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NAMES, "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


@pytest.fixture
def server() -> Iterator[Misbehaving]:
    with misbehaving(says()) as server:
        yield server


@pytest.fixture
def secure() -> Iterator[Misbehaving]:
    with misbehaving(says(), tls=server_side()) as server:
        yield server


@pytest.fixture
def proxy(server: Misbehaving) -> Iterator[Proxy]:
    proxy = Proxy(server)
    yield proxy
    proxy.close()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "hub.localhost", "LOCALHOST", "localhost.", "127.1"]
)
def test_no_proxy_is_asked_for_this_machine(
    kind: str, name: str, host: str, server: Misbehaving, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, proxy.url)
    with connected(kind, None, f"http://{host}:{server.port}") as both:
        assert both.call("new/route") == {"status": "ok"}
    assert server.seen == 1
    assert proxy.heard == b""


@pytest.mark.parametrize("value", ["socks5://127.0.0.1:1", "gopher://x", "not an address", "http://[", ""])
@pytest.mark.parametrize("exceptions", ["*", "example.com", ""])
def test_whatever_stands_there(
    kind: str, value: str, exceptions: str, server: Misbehaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", value)
    monkeypatch.setenv("http_proxy", value)
    monkeypatch.setenv("NO_PROXY", exceptions)
    with connected(kind, None, server.url) as both:
        assert both.call("new/route") == {"status": "ok"}


def test_no_proxy_is_asked_for_this_machine_over_tls_either(
    kind: str, secure: Misbehaving, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    with connected(kind, None, secure.url) as both:
        assert both.call("new/route") == {"status": "ok"}
    assert proxy.heard == b""


SPELLINGS = (
    "localhost", "LocalHost.", "x.y.localhost.", "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "127.000.000.001", "0177.1",
    "0x7f.0.0.1", "2130706433", "017700000001", "0x7f000001", "[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::ffff:127.0.0.1]",
    "[::FFFF:7f00:1]", "0.0.0.0", "0", "[::]",
)  # fmt: skip
ELSEWHERE = (
    "128.1", "0127.0.0.1", "127.0.0.1.example", "127.0.0.256", "localhost.example", "notlocalhost", "[::2]", "[::ffff:10.0.0.1]", "0.0.0.1",
    "[fe80::1]", "1",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_this_machine_is_known_in_every_spelling(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "http://proxy.example:3128")
    for spelling in SPELLINGS:
        for address in (spelling, f"https://{spelling}", f"{spelling}:5000/base"):
            host = parse_host(address)
            assert (host.loopback, host.proxy()) == (True, None), address
    for spelling in ELSEWHERE:
        assert not parse_host(f"https://{spelling}").loopback
        with pytest.raises(ConfigurationError, match="in clear"):
            parse_host(f"http://{spelling}")


@given(
    st.sampled_from(NAMES),
    st.sampled_from(["http", "https", "socks5"]),
    st.sampled_from(["lan-host", "10.0.0.5", "cocalc.example"]),
)
def test_in_clear_the_key_goes_to_the_server_alone(name: str, scheme: str, host: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(name, f"{scheme}://proxy.example:3128")
        assert parse_host(f"http://{host}", allow_plain_http=True).proxy() is None
        assert parse_host("http://localhost:5000").proxy() is None
        assert parse_host("https://localhost:5000").proxy() is None


@pytest.mark.parametrize("tool", ["http", "https", "socks5"])
def test_a_server_elsewhere_is_reached_through_a_tunnel_that_hears_no_key(
    kind: str, tool: str, secure: Misbehaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Proxy(secure, socks=tool == "socks5", tls=server_side() if tool == "https" else None)
    monkeypatch.setenv("HTTPS_PROXY" if tool != "socks5" else "ALL_PROXY", proxy.url)
    try:
        with connected(kind, None, "https://cocalc.example") as both:
            for _ in range(2):
                assert both.call("new/route") == {"status": "ok"}
        assert (secure.seen, proxy.tunnels) == (2, 1)
        assert b"cocalc.example" in proxy.heard
        assert BASIC not in proxy.heard
        assert b"uthorization" not in proxy.heard
        assert BASIC.lower() in secure.heads[0]
    finally:
        proxy.close()


def test_a_proxy_that_needs_a_password_gets_its_own_and_not_the_key(
    kind: str, secure: Misbehaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Proxy(secure)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//user:word@"))
    try:
        with connected(kind, None, "https://cocalc.example") as both:
            both.call("new/route")
        assert b"Proxy-Authorization: Basic " + b64encode(b"user:word") in proxy.heard
        assert BASIC not in proxy.heard
    finally:
        proxy.close()


@pytest.mark.parametrize("exceptions", ["cocalc.example", ".example", "*"])
def test_exceptions_of_the_environment_hold(exceptions: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    assert parse_host("https://cocalc.example").proxy() == "http://proxy.example:3128"
    monkeypatch.setenv("NO_PROXY", exceptions)
    assert parse_host("https://cocalc.example").proxy() is None


def test_a_proxy_that_breaks_off_has_sent_nothing_on(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with misbehaving(hangs_up) as broken:
        monkeypatch.setenv("HTTPS_PROXY", broken.url)
        with (
            connected(kind, None, "https://cocalc.example", max_retries=0) as both,
            pytest.raises(ConnectionFailed) as caught,
        ):
            both.call("projects/create", {"title": "x"})
    assert caught.value.maybe_executed is False


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("used_before", [False, True])
def test_a_client_that_was_given_and_takes_a_proxy_from_the_environment_is_refused_for_this_machine(
    kind: str,
    name: str,
    used_before: bool,
    server: Misbehaving,
    proxy: Proxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also when a connection to the proxy is open already."""
    monkeypatch.setenv(name, proxy.url)
    if kind == "sync":
        with httpx.Client() as given:
            if used_before:
                assert given.post(server.url).json() == {}
            with pytest.raises(ConfigurationError, match="in clear to the proxy localhost") as caught:
                CoCalc(KEY, server.url, http_client=given).call("new/route")
    else:
        import asyncio

        async def calls() -> None:
            async with httpx.AsyncClient() as given:
                if used_before:
                    assert (await given.post(server.url)).json() == {}
                await AsyncCoCalc(KEY, server.url, http_client=given).call("new/route")

        with pytest.raises(ConfigurationError, match="in clear to the proxy localhost") as caught:
            asyncio.run(calls())
    assert caught.value.hint is not None
    assert "trust_env=False" in caught.value.hint
    assert BASIC not in proxy.heard
    assert server.seen == 0


def test_a_client_that_was_given_asks_no_proxy_for_this_machine_over_tls(
    secure: Misbehaving, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    with (
        httpx.Client() as given,
        pytest.raises(ConfigurationError, match="for this very machine at the proxy localhost"),
    ):
        CoCalc(KEY, secure.url, http_client=given).call("new/route")
    assert proxy.heard == b""


def test_a_client_that_was_given_and_takes_none_calls(
    server: Misbehaving, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy.url)
    with httpx.Client(trust_env=False) as given:
        assert CoCalc(KEY, server.url, http_client=given).call("new/route") == {"status": "ok"}
    with httpx.Client(transport=httpx.HTTPTransport()) as given:
        assert CoCalc(KEY, server.url, http_client=given).call("new/route") == {"status": "ok"}
    monkeypatch.setenv("NO_PROXY", "localhost")
    with httpx.Client() as given:
        assert CoCalc(KEY, server.url, http_client=given).call("new/route") == {"status": "ok"}
    assert proxy.heard == b""


def test_a_proxy_that_was_given_with_a_client_is_the_matter_of_who_made_it(
    server: Misbehaving, proxy: Proxy
) -> None:
    with httpx.Client(proxy=proxy.url) as given:
        assert CoCalc(KEY, server.url, http_client=given).call("new/route", check=False) == {}
    assert BASIC in proxy.heard
