"""The requests: by construction a POST to the API, a GET outside of it without the key, or a file of a project with the key, to or from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_facade._errors import ConfigurationError, PostOnlyError
from cocalc_facade._wire.flow import Fetch, Receive, Request, Send, Upload

if TYPE_CHECKING:
    from cocalc_facade._wire.hosts import Host
    from cocalc_facade._wire.keys import Key

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

    def request(self, step: Request, extensions: dict[str, Any]) -> Any:
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
        if isinstance(step, Upload | Receive):
            return self._of_a_file(step, extensions)
        assert isinstance(step, Fetch)
        url = http.URL(self._host.base + "/" + step.target.lstrip("/"))
        refuse_api(url.path)
        return http.Request("GET", url, headers=self._plain(), extensions=extensions)

    def authorization(self, step: Request) -> bytes | None:
        """Give the header line of the key, for a line to put in."""
        if isinstance(step, Fetch) or step.key is None:
            return None
        if isinstance(step, Receive):
            return f"Cookie: {self._cookie(step.key)}\r\n".encode()
        return f"Authorization: {step.key.header(self._scheme)}\r\n".encode()

    def _of_a_file(self, step: Upload | Receive, extensions: dict[str, Any]) -> Any:
        """Give the request that sends a file to a project, or asks for one: two addresses outside the API, and no others.

        Where files are fetched, the server takes the key from a cookie alone.
        """
        from .files import boundary, form, received, uploaded

        http: Any = self._http
        headers = self._plain()
        if isinstance(step, Upload):
            mark = boundary()
            parts = form(step, mark)
            headers["Content-Type"] = f"multipart/form-data; boundary={mark}"
            headers["Content-Length"] = str(sum(map(len, parts)))
            request = http.Request(
                "POST",
                http.URL(self._host.base + uploaded(step)),
                headers=headers,
                stream=self._once(parts),
                extensions=extensions,
            )
        else:
            headers["Accept-Encoding"] = "identity"  # bytes are counted and go on from where they broke off
            request = http.Request(
                "GET", http.URL(self._host.base + received(step)), headers=headers, extensions=extensions
            )
        if step.key is not None:
            if self._given is None:
                request.headers["Authorization"] = HIDDEN
            elif isinstance(step, Upload):
                request.headers["Authorization"] = step.key.header(self._scheme)
            else:
                request.headers["Cookie"] = self._cookie(step.key)
        if self._given is not None:
            request.read()  # hooks of a given client may look at the content
        return request

    def _once(self, parts: tuple[bytes, ...]) -> Any:
        if self._given is not None:
            return self._http.ByteStream(b"".join(parts))
        from cocalc_facade._wire.transport import Once

        return Once(parts)

    def _cookie(self, key: Key) -> str:
        """Give the cookie that holds the key: the server names it by its base path."""
        from urllib.parse import quote, urlsplit

        value = key.cookie()
        if value is None:
            raise ConfigurationError("the API key has characters that no cookie can hold")
        return f"{quote(urlsplit(self._host.base).path, safe='')}api_key={value}"

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
