"""Sends bytes and brings back bytes: the only module that knows httpx.

No exception of httpx leaves it, and none is chained to ours: its frames hold the request's headers, and the key with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._flow import Answer, Fault, Fetch, Send

if TYPE_CHECKING:
    from ._hosts import Host
    from ._keys import KeySource

import httpx


class Transport:
    def __init__(self, host: Host, key: KeySource, client: Any = None) -> None:
        self._host = host
        self._key = key
        self._client = client or httpx.Client()
        self._owned = client is None

    def send(self, step: Send | Fetch) -> Answer | Fault:
        key = self._key()
        headers = {"content-type": "application/json"}
        if key is not None:
            headers["authorization"] = key.header("basic")
        if isinstance(step, Fetch):
            request = httpx.Request("GET", self._host.base + "/" + step.target.lstrip("/"), extensions={"timeout": step.timeouts})
        else:
            request = httpx.Request("POST", self._host.api + step.path, headers=headers, content=step.body, extensions={"timeout": step.timeouts})
        try:
            response = self._client.send(request, auth=None, follow_redirects=False)
            return Answer(response.status_code, response.headers, response.content)
        except httpx.ConnectError as e:
            return Fault("connect", str(e), sent=False)
        except httpx.TimeoutException as e:
            return Fault("timeout", str(e), sent=True)
        except httpx.TransportError as e:
            return Fault("lost", str(e), sent=True)

    def close(self) -> None:
        if self._owned:
            self._client.close()


class AsyncTransport:
    def __init__(self, host: Host, key: KeySource, client: Any = None) -> None:
        self._host = host
        self._key = key
        self._client = client or httpx.AsyncClient()
        self._owned = client is None

    async def send(self, step: Send | Fetch) -> Answer | Fault:
        key = self._key()
        headers = {"content-type": "application/json"}
        if key is not None:
            headers["authorization"] = key.header("basic")
        if isinstance(step, Fetch):
            request = httpx.Request("GET", self._host.base + "/" + step.target.lstrip("/"), extensions={"timeout": step.timeouts})
        else:
            request = httpx.Request("POST", self._host.api + step.path, headers=headers, content=step.body, extensions={"timeout": step.timeouts})
        try:
            response = await self._client.send(request, auth=None, follow_redirects=False)
            return Answer(response.status_code, response.headers, response.content)
        except httpx.ConnectError as e:
            return Fault("connect", str(e), sent=False)
        except httpx.TimeoutException as e:
            return Fault("timeout", str(e), sent=True)
        except httpx.TransportError as e:
            return Fault("lost", str(e), sent=True)

    async def close(self) -> None:
        if self._owned:
            await self._client.aclose()
