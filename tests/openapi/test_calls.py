"""Every route of the server is a typed method: called with the least and with all, it sends and gives what it should."""

import json
import warnings
from functools import reduce
from keyword import iskeyword
from typing import Any

import httpx
import pytest
from cocalc_v2.operations import operation

from cocalc_facade import CoCalc, CoCalcError, ConfirmationRequired
from tests.openapi.conftest import DATA
from tests.openapi.samples import sample
from tests.openapi.test_exchanges import ANSWERS
from tests.rows import every_row
from tests.wire.wires import FakeClock

PATHS = [fact["path"] for fact in json.loads((DATA / "facts.json").read_text())]


class Server:
    """Answers every call with one answer after a minute, where an empty one is no sign of a project that does not start, and keeps what it was asked."""

    def __init__(self, answer: Any, kind: str = "application/json") -> None:
        self.answer, self.kind = answer, kind
        self.clock = FakeClock()
        self.received: list[tuple[str, str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.clock.time += 60
        self.received.append((request.method, request.url.path, json.loads(request.content)))
        content = self.answer if self.kind.startswith("text/") else json.dumps(self.answer)
        return httpx.Response(200, content=content, headers={"content-type": self.kind})

    def client(self) -> CoCalc:
        http = httpx.Client(transport=httpx.MockTransport(self))
        return CoCalc(
            "sk-" + "x" * 22,
            "http://localhost",
            http_client=http,
            strict=True,
            max_retries=0,
            _clock=self.clock,  # type: ignore[arg-type]
        )


def method(client: CoCalc, path: str) -> Any:
    names = (segment.replace("-", "_") for segment in path.split("/"))
    return reduce(lambda owner, name: getattr(owner, f"{name}_" if iskeyword(name) else name), names, client)


def plain(value: Any) -> Any:
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, list):
        return [plain(item) for item in value]
    return {key: plain(item) for key, item in value.items()} if isinstance(value, dict) else value


@pytest.fixture(params=["least", "all"])
def full(request) -> bool:
    return request.param == "all"


@every_row("path", PATHS)
def test_a_route_is_a_method_that_sends_its_arguments_and_gives_its_answer(client, operations, path, full):
    components = client["components"]["schemas"]
    post, known = operations[path], operation(path)
    body = sample(post["requestBody"]["content"]["application/json"]["schema"], components, full=full)
    kind, content = next(iter(post["responses"]["200"]["content"].items()))
    answer = sample(content["schema"], components, full=full)
    if answer == {} and (known.some or known.present):
        name = (*known.some, *known.present)[0]
        answer[name] = sample(content["schema"], components, full=True)[name]
    server = Server(answer, kind)
    arguments = {field.python: body[field.wire] for field in known.fields if field.wire in body}
    confirm = {"confirm": True} if known.confirm else {}
    with server.client() as cocalc, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        result = method(cocalc, path)(**arguments, **confirm)
    assert server.received == [("POST", f"/api/v2/{path}", body)]
    assert plain(result) == answer
    assert bool(told) == bool(known.deprecated or known.fails)


@pytest.mark.parametrize("path", [path for path in PATHS if operation(path).confirm])
def test_what_needs_confirmation_is_not_sent_without(client, operations, path):
    schema = operations[path]["requestBody"]["content"]["application/json"]["schema"]
    body = sample(schema, client["components"]["schemas"], full=True)
    arguments = {field.python: body[field.wire] for field in operation(path).fields}
    server = Server({})
    with server.client() as cocalc:
        with pytest.raises(ConfirmationRequired, match=operation(path).confirm):
            method(cocalc, path)(**arguments)
        with pytest.raises(ConfirmationRequired):
            cocalc.call(path, body)
    assert server.received == []


@every_row("path", ANSWERS)
def test_a_recorded_answer_is_decoded_without_departure_and_back(operations, path):
    """Through the whole client in strict mode, so that any departure from the types raises."""
    kind = next(iter(operations[path]["responses"]["200"]["content"]))
    server = Server(None, kind)
    required = {field.python: _argument(field.kind) for field in operation(path).fields if field.required}
    confirm = {"confirm": True} if operation(path).confirm else {}
    with server.client() as cocalc, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wrong = []
        for name, server.answer in ANSWERS[path]:
            try:
                found = plain(method(cocalc, path)(**required, **confirm))
            except CoCalcError as error:
                found = error
            # An empty answer of these is a project that did not start.
            refused = server.answer == {} and path in ("latex", "projects/write-text-file")
            if isinstance(found, CoCalcError) != refused or not (refused or found == server.answer):
                wrong.append((name, found))
        assert wrong == []


def _argument(kind: str) -> Any:
    values = {"integer": 1, "number": 1.0, "boolean": True, "array": [], "object": {}, "any": {}}
    return values.get(kind, "6c28b3c0-8f0e-4e43-9e1f-3f2f4b9a6d70")
