"""Fetch: the document that a server publishes, as published.

The document is public: no key is sent. What comes back is a stranger's text: it is taken from the named server only,
within limits of size and time, and read strictly. Whatever is wrong with it ends as one FetchError of one line.
"""

import asyncio
import ipaddress
import math
import re
import ssl
import stat
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from urllib.parse import urljoin, urlsplit

import httpx

from scripts.pipeline.published import MAX_BYTES, Document, DocumentError, parse

COCALC = "https://cocalc.com"
MAX_PAGE_BYTES = 2 * 1024 * 1024
SMALL = 2000
MAX_REDIRECTS = 5
MAX_ETAG = 500
SECONDS = 60.0

_ETAG = re.compile(r'(W/)?"[!\x23-\x7e]*"')  # RFC 9110, ASCII alone
_HINT = re.compile(r"""\bfetch\(\s*(['"`])([^'"`\s]{1,2000}?/openapi\.json)\1""")


class FetchError(Exception):
    """The document was not fetched; the text says why, in one line."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What `fetch` found: the document and its very bytes, or, when `not_modified`, that the known ones still hold."""

    document: Document
    body: bytes
    source: str
    etag: str | None = None
    not_modified: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    url: str
    body: bytes
    etag: str | None
    not_modified: bool


def fetch(source: str = COCALC, *, etag: str | None = None, seconds: float = SECONDS) -> Fetched:
    """Return the document at `source`: a server's address, its docs page, the address of an openapi.json, or a file.

    `etag` is that of the document one already has from this source: when the server says that nothing changed, the
    answer is `not_modified` and empty. `seconds` bounds the whole fetch. Raises FetchError.
    """
    if "://" not in source:
        return _read(source)
    _check_address(source)
    try:
        return asyncio.run(_within(seconds, source, etag))
    except TimeoutError:
        raise FetchError(f"{source}: no complete answer within {seconds:g} s") from None


def _read(source: str) -> Fetched:
    path = Path(source)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise FetchError(f"{source}: not a file")
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise FetchError(f"{_line(source)}: {reason} (an address begins with https://)") from None
    return Fetched(_parse(body, source), body, source)


async def _within(seconds: float, source: str, etag: str | None) -> Fetched:
    deadline = monotonic() + seconds
    async with (
        asyncio.timeout(seconds),
        httpx.AsyncClient(
            headers={"Accept-Encoding": "gzip", "User-Agent": "cocalc-facade-regenerate"},
            timeout=httpx.Timeout(None),  # that of the whole ends each part
            verify=_trusted(source),
            trust_env=not _is_loopback(source),
        ) as client,
    ):
        url = source.rstrip("/")
        if not url.endswith(".json"):
            page_url = url if url.endswith("/api/v2") else f"{url}/api/v2"
            page = await _get(client, page_url, "text/html", MAX_PAGE_BYTES)
            url = _hint(page)
        answer = await _get(client, url, "application/json", MAX_BYTES, etag)
    if answer.not_modified:
        return Fetched({}, b"", answer.url, answer.etag or etag, not_modified=True)
    return Fetched(_parse(answer.body, answer.url, deadline), answer.body, answer.url, answer.etag)


def _trusted(source: str) -> ssl.SSLContext:
    """Return whose certificates count: nobody's, which costs nothing to load, where plain http needs none."""
    if urlsplit(source).scheme == "https":
        return httpx.create_ssl_context(trust_env=not _is_loopback(source))
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _hint(page: _Answer) -> str:
    """Return the document's address that the docs page `page` names in its inline script."""
    text = page.body.decode("utf-8", "replace")
    found = {urljoin(page.url, str(match[2])) for match in _HINT.finditer(text)}
    if len(found) != 1:
        what = "names no openapi.json" if not found else f"names {len(found)} different documents"
        raise FetchError(f"{page.url}: the page {what}; give the address of the openapi.json itself")
    url: str = found.pop()
    if not _same_origin(url, page.url):
        raise FetchError(f"{page.url}: the page names a document on another server: {_line(url)}")
    _check_address(url)
    return url


async def _why(response: httpx.Response, url: str) -> str:
    """Say why there is no document, where the page that says so is that of a server which never has one."""
    try:
        page = await _body(response, url, SMALL)
    except FetchError:
        return ""
    if response.status_code != 404 or b"<pre>Cannot GET /" not in page:
        return ""
    return (
        ": servers of the newer generation (cocalc-ai) publish none;"
        " what is known of their routes stands in openapi/routes.yaml and openapi/newer-routes.yaml"
    )


async def _get(
    client: httpx.AsyncClient, url: str, accept: str, limit: int, etag: str | None = None
) -> _Answer:
    """Return the answer to a GET of `url`, at most `limit` bytes of it, following redirects within its own origin."""
    etag = _sendable(etag)
    headers = {"Accept": accept} | ({"If-None-Match": etag} if etag else {})
    for _ in range(MAX_REDIRECTS):
        try:
            async with client.stream("GET", url, headers=headers) as response:
                if response.has_redirect_location:
                    url = _redirected(url, response.headers["location"])
                    continue
                not_modified = response.status_code == 304 and etag is not None
                if response.status_code != 200 and not not_modified:
                    why = await _why(response, url)
                    raise FetchError(
                        f"{url}: the server answered {response.status_code}, not a document{why}"
                    )
                if accept == "application/json" and "html" in response.headers.get("content-type", ""):
                    raise FetchError(f"{url}: the server answered with an HTML page, not a document")
                body = b"" if not_modified else await _body(response, url, limit)
                return _Answer(url, body, _sendable(response.headers.get("etag")), not_modified)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = str(error) or type(error).__name__
            raise FetchError(f"{url}: no complete answer: {_line(reason)}") from None
    raise FetchError(f"{url}: more than {MAX_REDIRECTS} redirects")


def _sendable(etag: str | None) -> str | None:
    """Give an ETag that can be sent back as it came; another one would make every later fetch fail."""
    return etag if etag is not None and len(etag) <= MAX_ETAG and _ETAG.fullmatch(etag) else None


def _redirected(url: str, location: str) -> str:
    target = urljoin(url, location)
    if not _same_origin(target, url):
        raise FetchError(f"{url}: the server redirects to another origin: {_line(target)}")
    return target


async def _body(response: httpx.Response, url: str, limit: int) -> bytes:
    body = bytearray()
    async for chunk in _decoded(response, url, limit):
        body += chunk
        if len(body) > limit:
            raise FetchError(f"{url}: the answer is larger than {limit >> 20} MiB")
    return bytes(body)


async def _decoded(response: httpx.Response, url: str, limit: int) -> AsyncIterator[bytes]:
    """Yield the chunks of the body. httpx's own gunzip would unpack 64 kB into 64 MB before anybody could look."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding == "identity":
        async for chunk in response.aiter_raw():
            yield chunk
        return
    if encoding != "gzip":
        raise FetchError(f"{url}: the answer is packed as {_line(encoding)}, which was not asked for")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        async for chunk in response.aiter_raw():
            yield unpacker.decompress(chunk, limit + 1)
            if unpacker.unconsumed_tail:
                raise FetchError(f"{url}: the answer is larger than {limit >> 20} MiB")
    except zlib.error:
        raise FetchError(f"{url}: the answer says gzip and is not") from None
    if not unpacker.eof:
        raise FetchError(f"{url}: the answer ends in the middle (truncated)")


def _parse(body: bytes, where: str, deadline: float = math.inf) -> Document:
    try:
        return parse(body, deadline=deadline)
    except DocumentError as error:
        raise FetchError(f"{where}: {error}") from None


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        _origin(url)
    except ValueError:
        raise FetchError(f"{_line(url)}: not an address") from None
    if parts.username is not None or parts.password is not None:
        raise FetchError(f"{parts.hostname}: the address holds a user name or key; the document needs none")
    if (
        parts.scheme not in ("https", "http")
        or not parts.hostname
        or not url.isascii()
        or not url.isprintable()
    ):
        raise FetchError(f"{_line(url)}: not an address of the form https://HOST")
    if parts.query or parts.fragment:
        raise FetchError(f"{_line(url)}: an address without ? and # is needed")
    if parts.scheme == "http" and not _is_loopback(url):
        raise FetchError(f"{_line(url)}: plain http is refused except to this machine; use https")


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)


def _same_origin(one: str, other: str) -> bool:
    try:
        return _origin(one) == _origin(other)
    except ValueError:  # no port that can be
        return False


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _line(text: str) -> str:
    """`text` of a stranger, fit for one line of a terminal or of a workflow's log."""
    return ascii(text[:200])[1:-1]
