"""The requests: by construction a POST to the API, or a GET outside of it without the key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_facade._errors import PostOnlyError
from cocalc_facade._wire.flow import Fetch, Send

if TYPE_CHECKING:
    from cocalc_facade._wire.hosts import Host

KEPT = 500
"""How many addresses are kept ready: more than there are routes, and an end to those that are made up."""

OURS = ("Authorization", "Cookie", "Content-Type", "Content-Length", "Transfer-Encoding")
"""Headers that a client which was given does not decide on."""

HIDDEN = "***"
"""What stands for the key in requests that go over our own lanes; the line puts the key in, where the bytes go out."""


class Requests:
    """Makes the requests of one client, with the classes of the library that sends them."""

    def __init__(self, http: Any, host: Host, scheme: str, given: Any) -> None:
        self.urls: dict[str, Any] = {}
        self._http = http
        self._host = host
        self._scheme = scheme
        self._given = given
        self._headers: Any = None
        self._from: Any = None

    def request(self, step: Send | Fetch, extensions: dict[str, Any]) -> Any:
        """Give the request for a step."""
        http: Any = self._http
        if type(step) is Send:
            url = self.urls.get(step.path)
            if url is None:
                if len(self.urls) >= KEPT:
                    self.urls.clear()
                url = self.urls[step.path] = http.URL(self._host.address(step.path))
            request = http.Request(
                "POST", url, headers=self._common(), stream=http.ByteStream(step.body), extensions=extensions
            )
            request.headers["Content-Length"] = str(len(step.body))
            if self._given is not None:
                if step.key is not None:
                    request.headers["Authorization"] = step.key.header(self._scheme)
                request.read()  # hooks of a given client may look at the content
            elif step.key is not None:
                request.headers["Authorization"] = HIDDEN
            return request
        assert isinstance(step, Fetch)
        url = http.URL(self._host.base + "/" + step.target.lstrip("/"))
        refuse_api(url.path)
        return http.Request("GET", url, headers=self._plain(), extensions=extensions)

    def authorization(self, step: Send | Fetch) -> bytes | None:
        """Give the header line of the key, for a line to put in."""
        if type(step) is not Send or step.key is None:
            return None
        return f"Authorization: {step.key.header(self._scheme)}\r\n".encode()

    def _common(self) -> Any:
        """Give the headers that all requests to the API have in common, the key not among them; made anew when those of a given client have changed."""
        given = self._given.headers.raw if self._given is not None else None
        if self._headers is None or given != self._from:
            headers = self._plain()
            headers["Accept"] = headers["Content-Type"] = "application/json"
            self._headers, self._from = headers, given
        return self._headers

    def _plain(self) -> Any:
        from cocalc_facade._version import user_agent

        headers = self._http.Headers({"Host": self._http.URL(self._host.base).netloc})
        if self._given is not None:
            headers.update(self._given.headers)
            for name in OURS:
                headers.pop(name, None)
        headers.update(
            {
                "Accept": "*/*",
                "Accept-Encoding": "gzip, deflate",
                "Connection": "keep-alive",
                "User-Agent": user_agent(),
            }
        )
        return headers


def refuse_api(path: str) -> None:
    """Refuse a path that could reach the API, however it is spelled."""
    from urllib.parse import unquote

    plain = unquote(unquote(path)).replace("\\", "/").lower()
    segments = [segment for segment in plain.split("/") if segment]
    if "api" in segments or ".." in segments or "." in segments:
        raise PostOnlyError(
            "only POST may be sent to the API: there even a GET runs the operation", path=path
        )
