"""Arguments: what Python gives becomes JSON faithfully, or is refused before anything is sent."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import pytest

from cocalc_facade import InvalidRequestError
from tests.wire.wires import PROJECT, Script, connected

OK = {"status": "ok"}


class Colour(Enum):
    RED = "red"


def test_python_values_are_encoded(kind: str) -> None:
    script = Script(OK)
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    body = {
        "a": when,
        "b": UUID(PROJECT),
        "c": PurePosixPath("x/y"),
        "d": Decimal("2.50"),
        "e": Colour.RED,
        "f": (1, 2),
    }
    with connected(kind, script) as both:
        both.call("new/route", body)
        model = both.do(lambda client: client.projects.stop(project_id=PROJECT))
        both.call("new/route", {"result": model})
    assert script.bodies[0] == {
        "a": "2026-01-02T03:04:05.000Z",
        "b": PROJECT,
        "c": "x/y",
        "d": 2.5,
        "e": "red",
        "f": [1, 2],
    }
    assert script.bodies[2] == {"result": OK}


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        {1, 2},
        b"bytes",
        object(),
        "\ud800",
        Decimal("NaN"),
        datetime(2026, 1, 1),  # noqa: DTZ001 - naive is the point
        iter([]),
    ],
)
def test_what_cannot_be_sent_faithfully_is_refused(kind: str, value: Any) -> None:
    script = Script(OK)
    with connected(kind, script) as both, pytest.raises(InvalidRequestError):
        both.call("new/route", {"x": value})
    assert script.requests == []


@pytest.mark.parametrize(
    ("path", "arguments", "field"),
    [
        ("projects/stop", {"project_id": "not-a-uuid"}, "project_id"),
        ("projects/stop", {"project_id": 5}, "project_id"),
        ("exec", {"project_id": PROJECT, "command": "ls", "args": "one two"}, "args"),
        ("exec", {"project_id": PROJECT, "command": "ls", "bash": "false"}, "bash"),
        ("exec", {"project_id": PROJECT, "command": ["ls"]}, "command"),
        ("exec", {"project_id": PROJECT, "command": "ls", "timeout": True}, "timeout"),
    ],
)
def test_a_value_that_the_server_would_misread_is_refused_with_its_field(
    kind: str, path: str, arguments: Any, field: str
) -> None:
    script = Script(OK)
    with connected(kind, script) as both, pytest.raises(InvalidRequestError) as caught:
        both.call(path, arguments)
    assert caught.value.field == field
    assert script.requests == []


def test_more_than_the_server_takes_is_refused_before_it_is_sent(kind: str) -> None:
    script = Script(OK)
    with connected(kind, script) as both:
        with pytest.raises(InvalidRequestError, match="1048577 bytes"):
            both.call("new/route", {"x": "a" * (1_048_577 - len('{"x":""}'))})
        both.call("new/route", {"x": "a" * (1_048_576 - len('{"x":""}'))})
    assert len(script.requests[0].content) == 1_048_576


def test_an_unknown_argument_is_refused_with_a_suggestion_unless_unchecked(kind: str) -> None:
    script = Script(OK)
    with connected(kind, script) as both:
        with pytest.raises(InvalidRequestError, match="did you mean 'project_id'") as caught:
            both.call("projects/stop", {"projectid": PROJECT})
        assert caught.value.field == "projectid"
        assert script.requests == []
        both.call("projects/stop", {"since_yesterday": 1}, check=False)
    assert script.bodies == [{"since_yesterday": 1}]
