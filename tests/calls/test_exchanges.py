"""Every exchange that was recorded on a real server gives the right value or the right error, on both clients, and nothing is lost."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import httpx

import cocalc_facade
from cocalc_facade import CoCalcError
from cocalc_facade._calls.answers import judge
from cocalc_facade._calls.engine import typed
from cocalc_facade._calls.routes import clean_path
from cocalc_facade._errors import InvalidRequestError
from cocalc_facade._wire.flow import Answer
from tests.rows import every_row
from tests.wire.wires import FakeClock, Late, Script, connected

from .exchanges import Recorded, every_exchange, recorded, route_of, without_key

TABLES = Path(__file__).parent / "expected"


def expected(table: str) -> dict[str, tuple[str, str | None]]:
    """What each failing exchange must raise, reviewed by hand; an exchange that is not in the table gives a value."""
    rows = {}
    for line in (TABLES / table).read_text("utf-8").splitlines():
        name, error, *field = line.split()
        rows[name] = (error, field[0] if field else None)
    return rows


ERRORS = expected("recorded.txt")
ERRORS_WITHOUT_KEY = expected("every-route-without-key.txt")


def check(
    value: Any, error: CoCalcError | None, exchange: Recorded, table: dict[str, tuple[str, str | None]]
) -> None:
    if exchange.name not in table:
        assert error is None
        assert value == (json.loads(exchange.body) if exchange.body else None)
        return
    name, field = table[exchange.name]
    assert type(error) is getattr(cocalc_facade, name), error
    assert getattr(error, "field", None) == field
    assert error.status == exchange.status
    assert "\n" not in str(error)


def test_the_tables_name_exchanges_that_exist() -> None:
    assert len(recorded()) == 370
    assert {exchange.name for exchange in recorded()} >= ERRORS.keys()
    assert {exchange.name for exchange in without_key()} >= ERRORS_WITHOUT_KEY.keys()


@every_row("exchange", recorded(), ids=lambda exchange: exchange.name)
def test_a_recorded_answer_is_judged_right(exchange: Recorded) -> None:
    value, error = judge(Answer(exchange.status, exchange.headers, exchange.body), route_of(exchange))
    check(value, error, exchange, ERRORS)


@every_row("exchange", without_key(), ids=lambda exchange: exchange.path)
def test_what_a_route_answers_without_a_key_is_judged_right(exchange: Recorded) -> None:
    value, error = judge(Answer(exchange.status, exchange.headers, exchange.body), route_of(exchange))
    check(value, error, exchange, ERRORS_WITHOUT_KEY)


def callable_exchanges() -> list[Recorded]:
    """Those whose path a client can call: not /alive, the front page or a path in capitals."""
    found = []
    for exchange in recorded():
        try:
            clean_path(exchange.path)
        except InvalidRequestError:
            continue
        found.append(exchange)
    return found


def test_both_clients_give_the_same_value_or_error_and_lose_nothing(kind: str) -> None:
    exchanges = callable_exchanges()
    assert len(exchanges) > 350
    clock = FakeClock()
    answers = [
        Late(x.seconds, httpx.Response(x.status, headers=x.headers, content=x.body), clock) for x in exchanges
    ]
    script = Script(*answers, None)
    with warnings.catch_warnings(), connected(kind, script, max_retries=0, _clock=clock) as both:
        warnings.simplefilter("ignore")  # some routes warn that they are deprecated
        for exchange in exchanges:
            flow = typed(both.client._session, exchange.path, {}, True)
            try:
                value = both.do(lambda client, flow=flow: client._run_flow(flow))
            except CoCalcError as error:
                check(None, error, exchange, ERRORS)
            else:
                assert exchange.name not in ERRORS
                assert encoded(value) == (json.loads(exchange.body) if exchange.body else None)


def encoded(value: Any) -> Any:
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, list):
        return [encoded(item) for item in value]
    if isinstance(value, dict):
        return {name: encoded(item) for name, item in value.items()}
    return value


def test_every_recorded_success_decodes_in_strict_mode_and_loses_nothing(kind: str) -> None:
    successes = []
    for exchange in every_exchange():
        route = route_of(exchange)
        _, error = judge(Answer(exchange.status, exchange.headers, exchange.body), route)
        if error is None and route.known:
            successes.append(exchange)
    assert len(successes) > 750
    answers = [httpx.Response(x.status, headers=x.headers, content=x.body) for x in successes]
    with warnings.catch_warnings(), connected(kind, Script(*answers, None), strict=True) as both:
        warnings.simplefilter("ignore")  # some routes warn that they are deprecated
        for exchange in successes:
            flow = typed(both.client._session, exchange.path, {}, True)
            value = both.do(lambda client, flow=flow: client._run_flow(flow))
            assert encoded(value) == (json.loads(exchange.body) if exchange.body else None), exchange.name
        assert not list(both.client.mismatches)
