"""The fetch step: what it takes, and what it refuses from servers that err or lie."""

import gzip
import json
from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.pipeline.fetch import FetchError, fetch
from scripts.pipeline.published import MAX_BYTES, DocumentError, operations, parse
from tests.pipeline.web import http, web

DOCUMENT = {
    "openapi": "3.0.1",
    "info": {"title": "é"},
    "paths": {"/api/v2/exec": {"post": {"responses": {}}}},
}
BODY = json.dumps(DOCUMENT, indent=1).encode()


def page(hint: str) -> bytes:
    script = f"<script>window.onload=()=>{{fetch('{hint}').then((r)=>r.json())}}</script>"
    return http(
        f"<!DOCTYPE html><html><body>{script}</body></html>".encode(), content="text/html; charset=utf-8"
    )


def docs(answers: dict, base: str = "", hint: str = "//{host}{base}/openapi.json"):
    """A server whose docs page is built from the Host header, as CoCalc's is."""

    def build(request: bytes) -> bytes:
        host = (
            next(line for line in request.split(b"\r\n") if line.lower().startswith(b"host:"))[5:]
            .strip()
            .decode()
        )
        return page(hint.format(host=host, base=base))

    return web({f"{base}/api/v2": build} | answers)


def refusal(source: str, **options: object) -> str:
    with pytest.raises(FetchError) as caught:
        fetch(source, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert message.isprintable()
    return message


def serves(answer) -> str:
    """How `fetch` refuses an openapi.json that is answered with `answer`."""
    with web({"/openapi.json": answer}) as server:
        return refusal(f"{server.url}/openapi.json", seconds=5)


@pytest.mark.parametrize("base", ["", "/6a8b/port/5000"])
@pytest.mark.parametrize("source", ["", "/", "/api/v2", "/api/v2/", "/openapi.json"])
def test_every_form_of_a_servers_address_leads_to_the_document(base, source):
    with docs({f"{base}/openapi.json": http(BODY, ETag='"a1"')}, base) as server:
        found = fetch(server.url + base + source)
    assert (found.document, found.body, found.etag) == (DOCUMENT, BODY, '"a1"')
    assert found.source == f"{server.url}{base}/openapi.json"
    assert not found.not_modified


def test_a_file_is_read_as_it_is(tmp_path):
    file = tmp_path / "document.json"
    file.write_bytes(BODY)
    found = fetch(str(file))
    assert (found.document, found.body, found.source, found.etag) == (DOCUMENT, BODY, str(file), None)


def test_no_key_and_no_cookie_is_sent(monkeypatch):
    monkeypatch.setenv("COCALC_API_KEY", "sk-0123456789abcdef000001")
    with docs({"/openapi.json": http(BODY, Set_Cookie="connect.sid=1")}) as server:
        fetch(server.url)
    sent = b"".join(server.requests).lower()
    assert b"authorization" not in sent
    assert b"cookie" not in sent
    assert b"sk-" not in sent


def test_an_unchanged_document_is_not_sent_again():
    def answer(request: bytes) -> bytes:
        known = b'if-none-match: "a1"' in request.lower()
        return http(status="304 Not Modified", ETag='"a1"') if known else http(BODY, ETag='"a1"')

    with docs({"/openapi.json": answer}) as server:
        first = fetch(server.url)
        again = fetch(server.url, etag=first.etag)
        other = fetch(server.url, etag='"b2"')
    assert again.not_modified
    assert (again.document, again.body, again.etag) == ({}, b"", '"a1"')
    assert other == first


@pytest.mark.parametrize(
    "tag", ['"\xe9"', '"\x1b[2J"', "unquoted", '"a" , "b"', '"' + "x" * 600 + '"', 'w/"a"', '""x""', "*"]
)
def test_an_etag_that_cannot_be_sent_is_not_kept_and_hinders_no_later_fetch(tag):
    with docs({"/openapi.json": http(BODY, ETag=tag)}) as server:
        first = fetch(server.url)
        assert first.etag is None
        assert fetch(server.url, etag=tag) == first
    assert b"if-none-match" not in b"".join(server.requests).lower()


@pytest.mark.parametrize("tag", ['"a1"', 'W/"a1"', '""', '"a-b/c=="'])
def test_an_etag_in_its_form_is_kept(tag):
    with docs({"/openapi.json": http(BODY, ETag=tag)}) as server:
        assert fetch(server.url).etag == tag


def test_a_304_that_nobody_asked_for_is_refused():
    assert "304" in serves(http(status="304 Not Modified"))


def test_gzip_is_unpacked():
    with web({"/openapi.json": http(gzip.compress(BODY), Content_Encoding="gzip")}) as server:
        assert fetch(f"{server.url}/openapi.json").body == BODY


def test_a_redirect_within_the_server_is_followed():
    moved = http(b"/v/openapi.json", status="308 Permanent Redirect", Location="/v/openapi.json")
    with web({"/openapi.json": moved, "/v/openapi.json": http(BODY)}) as server:
        assert fetch(f"{server.url}/openapi.json").source == f"{server.url}/v/openapi.json"


@pytest.mark.parametrize("location", ["https://other.example/x", "//127.0.0.1:1/x", "http://localhost/x"])
def test_a_redirect_to_another_origin_is_refused(location):
    assert "redirects to another origin" in serves(http(status="302 Found", Location=location))


@pytest.mark.parametrize("location", ["http://127.0.0.1:x/", "http://[::1", "/\x01"])
def test_a_redirect_to_nowhere_is_refused(location):
    assert "Invalid URL in location header" in serves(http(status="302 Found", Location=location))


def test_redirects_in_a_circle_are_refused():
    assert "redirects" in serves(http(status="302 Found", Location="/openapi.json"))


@pytest.mark.parametrize(
    "hint", ["//other.example/openapi.json", "//127.0.0.1:1/openapi.json", "https://{host}/openapi.json", "//{host}@evil.example/openapi.json"]
)  # fmt: skip
def test_a_docs_page_that_names_another_server_is_refused(hint):
    with docs({"/openapi.json": http(BODY)}, hint=hint) as server:
        assert "another server" in refusal(server.url)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "text", ["", "fetch('//HOST/other.json')", "fetch('/a/openapi.json');fetch('/b/openapi.json')"]
)
def test_a_docs_page_without_one_clear_hint_is_refused(text):
    with web({"/api/v2": http(f"<html><script>{text}</script>".encode(), content="text/html")}) as server:
        assert "give the address of the openapi.json" in refusal(server.url)


def test_a_docs_page_without_end_is_refused():
    with web({"/api/v2": chain([http(length=False)], repeat(b" " * 65536))}) as server:
        assert "larger than 2 MiB" in refusal(server.url)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("http://cocalc.com", "plain http"),
        ("http://192.168.0.1/openapi.json", "plain http"),
        ("http://127.0.0.1.example.com", "plain http"),
        ("ftp://cocalc.com", "https://HOST"),
        ("https://", "https://HOST"),
        ("https://cocalc.com:port", "not an address"),
        ("https://[::1", "not an address"),
        ("https://cocalc.com/api/v2?x=1", "without ?"),
        ("https://cocalc.com/\n::error::", "https://HOST"),
    ],
)  # fmt: skip
def test_addresses_that_are_refused_before_anything_is_sent(source, why):
    assert why in refusal(source)


def test_a_key_in_the_address_is_refused_and_not_repeated():
    assert "sk-secret" not in refusal("https://sk-secret:@cocalc.com")


def test_what_is_no_file_is_refused(tmp_path):
    assert "No such file" in refusal("cocalc.com")
    assert "not a file" in refusal(str(tmp_path))


def test_a_server_that_is_down_is_named():
    with web({}) as server:
        pass
    assert server.host in refusal(server.url)


@pytest.mark.parametrize(
    "status", ["404 Not Found", "500 Internal Server Error", "503 Service Unavailable", "204 No Content"]
)
def test_an_error_is_no_document(status):
    assert status[:3] in serves(http(BODY, status=status))


def test_a_server_of_the_newer_generation_is_named_as_one_that_has_no_document():
    page = b"<!DOCTYPE html><title>Error</title><pre>Cannot GET /openapi.json</pre>"
    found = serves(http(page, status="404 Not Found", content="text/html"))
    assert "newer generation (cocalc-ai) publish none" in found
    assert "newer-routes.yaml" in found
    for other in (
        http(page, status="500 Internal Server Error", content="text/html"),
        http(b"<title>404 Page Not Found</title>", status="404 Not Found", content="text/html"),
        http(page + b" " * 5000, status="404 Not Found", content="text/html"),
    ):
        assert "newer generation" not in serves(other)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (http(b"<!DOCTYPE html><html>maintenance</html>", content="text/html"), "HTML"),
        (http(b"\n <!DOCTYPE html><html>maintenance</html>"), "HTML"),
        (http(BODY[: len(BODY) // 2]), "truncated"),
        (http(BODY)[:-20], "no complete answer"),
        (http(gzip.compress(BODY)[:-12], Content_Encoding="gzip"), "truncated"),
        (http(BODY, Content_Encoding="gzip"), "is not"),
        (http(BODY, Content_Encoding="br"), "packed as br"),
        (http(b""), "not JSON"),
        (http(b'{"error":"database down"}'), "`openapi`"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "no complete answer"),
        (b"", "no complete answer"),
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused(answer, why):
    assert why in serves(answer)


def test_a_body_over_the_limit_is_refused_while_it_comes():
    endless = chain([http(length=False)], repeat(b" " * 65536))
    assert "larger than 16 MiB" in serves(endless)


def test_a_small_answer_that_unpacks_to_a_huge_one_is_refused():
    bomb = gzip.compress(bytes(2 * MAX_BYTES))
    assert len(bomb) < MAX_BYTES // 50
    assert "larger than 16 MiB" in serves(http(bomb, Content_Encoding="gzip"))


@pytest.mark.parametrize("before", [http(length=False), b"HTTP/1.1 200 OK\r\nX-Slow: "], ids=["body", "head"])
def test_a_server_that_drips_is_given_up_after_the_whole_time(before):
    drip = chain([before], chain.from_iterable(repeat((b"x", 0.02))))
    with web({"/openapi.json": drip}) as server:
        assert "within 0.2 s" in refusal(f"{server.url}/openapi.json", seconds=0.2)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"null", "no object"),
        (b"[]", "no object"),
        (b'{"openapi": 3, "paths": {}}', "`openapi`"),
        (b'{"openapi": "3.0.1"}', "`paths`"),
        (b'{"openapi": "3.0.1", "paths": {}}', "no operations"),
        (b'{"openapi": "3.0.1", "paths": {"/a": {"parameters": []}, "/b": null}}', "no operations"),
        (BODY.replace(b'"\xc3\xa9"', b"NaN").replace(b'"\\u00e9"', b"NaN"), "NaN"),
        (BODY.replace(b'"\\u00e9"', b"-Infinity"), "-Infinity"),
        (BODY.replace(b'"\\u00e9"', b"1e999"), "too large"),
        (BODY.replace(b'"\\u00e9"', b"9" * 5000), "not JSON that can be read"),
        (BODY.replace(b"\\u00e9", b"\\ud800"), "not Unicode"),
        (BODY.replace(b"\\u00e9", b"\xff"), "UTF-8"),
        (BODY.replace(b'"info"', b'"openapi"'), "twice"),
        (BODY.replace(b'"\\u00e9"', b"[" * 99 + b"]" * 99), "deeper"),
        (b"[" * 200_000, "deeper"),
        (b"\xef\xbb\xbf" + BODY, "not JSON"),
    ],
)  # fmt: skip
def test_json_that_readers_read_differently_is_refused(body, why):
    with pytest.raises(DocumentError, match=why):
        parse(body)


@given(
    st.binary()
    | st.integers(0, len(BODY)).map(lambda n: BODY[:n])
    | st.text().map(lambda text: json.dumps({"openapi": text, "paths": {text: {"get": {}}}}).encode())
)
def test_whatever_the_bytes_they_are_a_document_or_a_clear_refusal(body):
    refused = ""
    try:
        document = parse(body)
    except DocumentError as error:
        refused = str(error)
    assert refused.isprintable()
    assert refused or list(operations(document))
