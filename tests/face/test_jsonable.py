"""Whatever comes back is JSON when one asks, by whichever tool: json, FastAPI, pydantic, attrs, cattrs; and it can be kept and copied."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import attrs
import cattrs
import pytest
from cocalc_v2 import models
from cocalc_v2.tables import Table
from fastapi import FastAPI
from fastapi.encoders import jsonable_encoder
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError, create_model

import cocalc_facade
from cocalc_facade import CoCalc, CoCalcError, QueryRows, RateLimitError, Secret, jsonable
from cocalc_facade._calls.decoding.mismatches import Mismatches
from cocalc_facade._jobs.values.rows import Rows
from cocalc_facade._json.form import MOST_BYTES
from cocalc_facade._json.records import Listed
from cocalc_facade.testing import StandIn
from tests.rows import every_row

from .specimens import ANSWERS, ERRORS, RESULTS, classes, specimen

EVERY = [*RESULTS, *ERRORS]
SHARED = [kind for kind in EVERY if kind.__name__ != "RawAnswer"]
"""RawAnswer holds what its call was made with."""


def expected(thing: Any) -> Any:
    return thing.to_dict()["rows"] if isinstance(thing, Listed) else thing.to_dict()


def named(kind: Any) -> str:
    return kind.__name__


HANDLES = {
    "CoCalc", "AsyncCoCalc", "Project", "AsyncProject", "Secret", "Timeout", "CoCalcWarning", "MapInterrupted",
    "Cart", "AsyncCart", "AsyncCourse", "Course", "Keys", "AsyncKeys", "PurchasePages", "AsyncPurchasePages", "PurchaseQuery", "Stream",
}  # fmt: skip
"""What is public and no result: what one calls, passes or catches."""


def test_every_public_class_is_a_result_or_known_to_be_none() -> None:
    public = {
        thing.__name__
        for thing in classes()
        if thing.__name__
        in {*cocalc_facade.__all__, *cocalc_facade._jobs._HOMES, *cocalc_facade._calls._HOMES}
    }
    assert public - {kind.__name__ for kind in EVERY} <= HANDLES
    assert len(RESULTS) > 20
    assert len(ANSWERS) > 100


@every_row("kind", EVERY, ids=named)
def test_it_is_json(kind: type) -> None:
    thing = specimen(kind)
    plain = thing.to_dict()
    assert isinstance(plain, dict)
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert json.loads(json.dumps(thing, default=jsonable)) == expected(thing) == jsonable(thing)
    assert json.loads(json.dumps({"in": [thing]}, default=jsonable)) == {"in": [expected(thing)]}


@every_row("kind", EVERY, ids=named)
def test_fastapi_takes_it_as_it_is(kind: type) -> None:
    thing = specimen(kind)
    assert jsonable_encoder(thing) == expected(thing)
    assert jsonable_encoder({"in": [thing]}) == {"in": [expected(thing)]}


@every_row("kind", EVERY, ids=named)
def test_pydantic_takes_it_as_it_is_and_as_a_field(kind: Any) -> None:
    thing = specimen(kind)
    adapter = TypeAdapter(kind)
    assert adapter.validate_python(thing) is thing
    assert adapter.dump_python(thing, mode="json") == expected(thing)
    assert TypeAdapter(Any).dump_python({"any": [thing]}, mode="json") == {"any": [expected(thing)]}
    assert json.loads(adapter.dump_json(thing)) == expected(thing)
    for mode in ("validation", "serialization"):
        assert adapter.json_schema(mode=mode)["title"] == kind.__name__
    with pytest.raises(ValidationError):
        adapter.validate_python(7)
    model = create_model("Around", inner=(kind, ...), others=(list[kind], ...))
    around = model(inner=thing, others=[thing])
    assert around.model_dump(mode="json") == {"inner": expected(thing), "others": [expected(thing)]}  # type: ignore[attr-defined]


@every_row("kind", [kind for kind in EVERY if attrs.has(kind)], ids=named)
def test_attrs_and_cattrs_take_it_apart(kind: Any) -> None:
    thing = specimen(kind)
    names = {field.name for field in attrs.fields(kind)}
    assert attrs.asdict(thing).keys() == names
    assert cattrs.unstructure(thing).keys() == names


@every_row("kind", SHARED, ids=named)
def test_it_is_kept_and_copied_whole(kind: Any) -> None:
    thing = specimen(kind)
    for again in (pickle.loads(pickle.dumps(thing)), copy.deepcopy(thing), copy.copy(thing)):
        assert type(again) is kind
        assert again.to_dict() == thing.to_dict()
        assert repr(again) == repr(thing)


def test_every_model_is_taken_by_every_tool() -> None:
    for kind in ANSWERS:
        thing = specimen(kind)
        plain = thing.to_dict()
        assert json.loads(json.dumps(thing, default=jsonable)) == jsonable_encoder(thing) == plain, kind
        names = [name for name, _, _ in kind._fields]
        assert list(attrs.asdict(thing)) == list(cattrs.unstructure(thing)) == names
        assert kind.from_dict(plain) == thing
        assert cattrs.unstructure(thing) is not thing
        assert TypeAdapter(Any).dump_python([thing], mode="json") == [plain]
        for again in (pickle.loads(pickle.dumps(thing)), copy.deepcopy(thing)):
            assert again == thing
            assert again.to_dict() == plain


@pytest.mark.parametrize("kind", ANSWERS[::25], ids=named)
def test_pydantic_reads_a_model_from_what_the_server_sends(kind: Any) -> None:
    thing = specimen(kind)
    adapter = TypeAdapter(kind)
    assert adapter.validate_json(adapter.dump_json(thing)) == thing
    assert adapter.validate_python(thing.to_dict()) == thing
    assert adapter.validate_python(thing) is thing
    with pytest.raises(ValidationError):
        adapter.validate_json("7")


ODD = QueryRows(({"title": "a", "last_edited": datetime(2026, 1, 1, tzinfo=UTC)},), "projects", 300)


def test_rows_of_two_fields_are_no_pairs() -> None:
    assert jsonable_encoder(ODD) == [{"title": "a", "last_edited": "2026-01-01T00:00:00Z"}]
    with pytest.raises(TypeError, match="no mapping"):
        dict(ODD)


class Page(BaseModel):
    rows: QueryRows
    first: models.ProjectSummary


def test_a_web_application_gives_what_a_client_gives(cocalc: CoCalc) -> None:
    app = FastAPI()
    project_id = cocalc.projects.create(title="x").project_id

    @app.get("/plain")
    def plain() -> Any:
        return cocalc.query("projects", ["title", "project_id"], many=True)

    @app.get("/typed")
    def typed() -> QueryRows:
        return cocalc.query("projects", ["title", "project_id"], many=True)

    @app.get("/table")
    def table():  # type: ignore[no-untyped-def]
        return cocalc.projects.get()

    @app.get("/page")
    def page() -> Page:
        rows = cocalc.query("projects", ["title", "project_id"], many=True)
        return Page(rows=rows, first=cocalc.projects.get()[0])

    @app.get("/who")
    def who() -> cocalc_facade.Identity:
        return cocalc.whoami()

    web = TestClient(app)
    rows = jsonable(cocalc.query("projects", ["title", "project_id"], many=True))
    assert {"title": "x", "project_id": project_id} in rows
    assert web.get("/plain").json() == web.get("/typed").json() == rows
    found = web.get("/table").json()[0]
    assert found == cocalc.projects.get()[0].to_dict()
    assert web.get("/page").json() == {"rows": rows, "first": found}
    assert web.get("/who").json()["kind"] == "account"
    schemas = web.get("/openapi.json").json()["paths"]["/typed"]["get"]["responses"]["200"]
    assert schemas["content"]["application/json"]["schema"]["type"] == "array"


@pytest.mark.parametrize("count", [0, 1, 2])
def test_rows_that_are_still_to_be_read_are_no_object(
    count: int, cocalc_server: StandIn, cocalc: CoCalc
) -> None:
    """Not `{}` with status 200 for whoever bought nothing."""
    for number in range(count):
        cocalc_server.purchase(cocalc_server.user, 1.0 + number)
    for pages in (cocalc.iter_purchases(), cocalc.purchases.iter_get_purchases()):
        assert "keys" not in dir(pages)
        assert len(list(pages)) == count
        with pytest.raises(TypeError, match="no mapping; list"):
            dict(pages)
        with pytest.raises(ValueError, match="TypeError"):
            jsonable_encoder(pages)
        assert [row["id"] for row in jsonable_encoder(list(pages))] == [*range(count, 0, -1)]


def test_a_copy_of_the_departures_keeps_what_had_been_seen() -> None:
    seen = specimen(Mismatches)
    kept = copy.copy(seen)
    seen.record("exec", [(("stderr",), "string", "null")])
    assert [(one.where, one.times) for one in kept] == [(("stdout",), 2), (("*", "id"), 1)]
    assert (len(seen), seen[-1].where, seen[:1][0].times) == (3, ("stderr",), 2)


def test_money_is_exact_and_times_are_in_utc() -> None:
    east = timezone(timedelta(hours=2))
    found = jsonable(
        {"cost": Decimal("0.10"), "big": Decimal(10) ** 28, "at": datetime(2026, 1, 1, 1, tzinfo=east)}
    )
    assert found == {"cost": "0.10", "big": "1" + "0" * 28, "at": "2025-12-31T23:00:00Z"}


def test_bytes_are_base64_up_to_a_length_and_then_a_number() -> None:
    assert jsonable(b"%PDF") == "JVBERg=="
    assert jsonable(b"x" * (MOST_BYTES + 1)) == {"omitted_bytes": MOST_BYTES + 1}


def test_a_secret_stays_one() -> None:
    secret = Secret("sk-abcdefghijklmnop000001", "sk-...000001")
    assert jsonable({"key": secret}) == {"key": "Secret(sk-...000001)"}
    with pytest.raises(ValueError, match="Secret"):
        jsonable_encoder(secret)


def test_an_error_says_in_json_what_it_knows() -> None:
    error = RateLimitError("too many", path="exec", retry_after=2.0, maybe_executed=False)
    error.add_note("3 calls had succeeded")
    assert error.to_dict() == {
        "type": "RateLimitError",
        "message": "too many",
        "maybe_executed": False,
        "path": "exec",
        "retry_after": 2.0,
        "notes": ["3 calls had succeeded"],
    }
    assert jsonable(ValueError("no")) == {"type": "ValueError", "message": "no"}


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


def test_what_people_put_into_items_is_json_too() -> None:
    given_ = {
        1: (Colour.RED, Level.HIGH),
        "at": PurePosixPath("a/b"),
        "id": UUID(int=1),
        "set": {1},
        "nan": float("nan"),
    }
    assert jsonable(given_) == {
        "1": ["red", 3], "at": "a/b", "id": "00000000-0000-0000-0000-000000000001", "set": [1], "nan": None,
    }  # fmt: skip
    with pytest.raises(TypeError, match="object has no JSON form"):
        jsonable(object())


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_stays_what_it_is(value: Any) -> None:
    assert jsonable(value) == value
    assert jsonable(Rows(({"a": value},))) == [{"a": value}]


def test_depth_is_no_limit() -> None:
    value: Any = []
    for _ in range(100_000):
        value = [value]
    found, levels = jsonable(value), 0
    while found:
        found, levels = found[0], levels + 1
    assert levels == 100_000


def holding(thing: Any) -> list[Any]:
    """Ways to be in oneself."""
    inner: list[Any] = []
    inner.append({"deep": [inner, thing]})
    by_name: dict[str, Any] = {}
    by_name["self"] = [by_name]
    bare: list[Any] = []
    bare.append(bare)
    return [
        inner,
        by_name,
        bare,
        cocalc_facade.CompletedCommand("x", 0, "", "", job_id=bare),  # type: ignore[arg-type]
        models.ProjectSummary(project_id=by_name),  # type: ignore[arg-type]
    ]


@pytest.mark.parametrize("number", range(5))
def test_what_contains_itself_is_refused_and_not_followed_for_ever(number: int) -> None:
    with pytest.raises((ValueError, RecursionError)):
        jsonable(holding(1)[number])


@given(
    st.lists(
        st.recursive(st.integers() | st.floats(), lambda inner: st.lists(inner, max_size=3), max_leaves=5)
    )
)
def test_what_is_there_twice_is_written_twice(value: list[Any]) -> None:
    shared = {"one": value, "two": [value, value]}
    once = jsonable(value)
    assert jsonable(shared) == {"one": once, "two": [once, once]}


def test_keys_are_named_as_json_names_them() -> None:
    keys: dict[Any, Any] = {None: 1, True: 2, 3: 4, 1.5: 6}
    assert jsonable(keys) == json.loads(json.dumps(keys))
    assert jsonable({UUID(int=1): 1}) == {str(UUID(int=1)): 1}


@pytest.mark.parametrize("value", [1j, models.ProjectSummary, int, (one for one in ()), object()])
def test_what_has_no_form_is_refused_in_one_line(value: Any) -> None:
    with pytest.raises(TypeError, match=r"has no JSON form$"):
        jsonable([value])


def test_a_form_may_have_forms_in_it() -> None:
    class Held(Enum):
        PAIR = (1, b"x")
        NAMED = {"at": UUID(int=1)}  # noqa: RUF012 - it is what is tried

    assert jsonable([Held.PAIR, Held.NAMED, memoryview(b"ab")]) == [
        [1, "eA=="],
        {"at": str(UUID(int=1))},
        "YWI=",
    ]


def test_a_table_of_a_typed_method_is_a_list_in_json() -> None:
    table = Table([models.ProjectSummary.from_dict({"project_id": "x", "new": 1})])
    assert jsonable(table) == jsonable_encoder(table) == [{"project_id": "x", "new": 1}]
    assert TypeAdapter(Table[Any]).dump_python(table, mode="json") == [{"project_id": "x", "new": 1}]


def test_the_class_that_all_errors_share_is_a_field_too() -> None:
    class Told(BaseModel):
        error: CoCalcError | None = None

    told = Told(error=RateLimitError("too many"))
    assert told.model_dump(mode="json")["error"]["type"] == "RateLimitError"
