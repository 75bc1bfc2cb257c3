"""Purchases, page after page."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cocalc_facade._errors import (
    AuthenticationError,
    ConnectionFailed,
    InvalidRequestError,
    PermissionDeniedError,
    RateLimitError,
    ResponseError,
    UnexpectedResponse,
)
from cocalc_facade._jobs.money.purchases import Purchases, _purchase
from cocalc_facade.testing import Oddities, StandIn

from .conftest import Bench

EXCHANGES = Path(__file__).parents[1] / "data" / "exchanges" / "second-meeting.jsonl"


@pytest.fixture
def bought(bench: Any) -> list[dict[str, Any]]:
    rows = []
    for number in range(1, 26):
        bench.standin.clock.advance(3600)
        service = "license" if number % 2 else "compute-server"
        rows.append(bench.standin.purchase(bench.standin.user, number / 10, service=service, project_id=None))
    bench.standin.purchase(bench.standin.second, 1000.0)
    return rows


def ids(purchases: Any) -> list[int]:
    return [purchase.id for purchase in purchases]


def test_all_pages_are_read_newest_first(bench: Any, client: Any, bought: Any) -> None:
    assert ids(client.iter_purchases(page_size=10)) == list(range(25, 0, -1))
    assert len(bench.seen("purchases/get-purchases")) == 3


def test_pages_come_only_as_far_as_they_are_wanted(bench: Any, client: Any, bought: Any) -> None:
    purchases = iter(client.iter_purchases(page_size=10))
    assert next(purchases).id == 25
    purchases.close()
    assert len(bench.seen("purchases/get-purchases")) == 1


@pytest.mark.parametrize("page_size", [2, 5, 24, 25, 26, 500])
def test_the_size_of_the_pages_does_not_show(client: Any, bought: Any, page_size: int) -> None:
    assert ids(client.iter_purchases(page_size=page_size)) == list(range(25, 0, -1))


def test_no_purchases_are_none(client: Any) -> None:
    assert list(client.iter_purchases()) == []
    assert client.iter_purchases().total == 0


def test_the_total_is_the_sum(client: Any, bought: Any) -> None:
    expected = math.fsum(number / 10 for number in range(1, 26))
    assert client.iter_purchases(page_size=7).total == pytest.approx(expected, abs=1e-12)


def test_money_is_decimal_on_request_and_exact(client: Any, bought: Any) -> None:
    purchases = client.iter_purchases(decimal=True).all()
    assert purchases[-1].cost == Decimal("0.1")
    assert purchases.total == Decimal("32.5")
    assert purchases.balance == Decimal("-32.5")


def test_a_purchase_that_still_runs_counts_with_what_it_cost_so_far(bench: Any, client: Any) -> None:
    bench.standin.purchase(bench.standin.user, None, cost_so_far=1.5)
    [purchase] = client.iter_purchases()
    assert (purchase.cost, purchase.cost_so_far, purchase.amount) == (None, 1.5, 1.5)


def rows_of(bench: Any, *rows: dict[str, Any], **options: Any) -> Any:
    full = [{"id": number, "service": "x", **row} for number, row in enumerate(rows)]
    client = bench.client(
        script={"purchases/get-purchases": [{"purchases": full, "balance": "12.50"}]}, **options
    )
    return client, client.iter_purchases


def ago(hours: float) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


RUNNING = [
    ({"cost": 7.25, "cost_so_far": 1, "cost_per_hour": 1, "period_start": ago(9)}, "7.25"),
    ({"cost": "-3.10"}, "-3.10"),
    ({"cost": 0, "cost_so_far": 5}, "0"),
    ({"cost": "0.0000000000"}, "0"),
    ({"cost_so_far": "1.5", "cost_per_hour": 9, "period_start": ago(5)}, "1.5"),
    ({"cost_so_far": 0, "cost_per_hour": 9, "period_start": ago(5)}, "0"),
    ({"cost_per_hour": 0.001, "period_start": ago(500), "period_end": None}, "0.5"),
    ({"cost_per_hour": "0.2", "period_start": ago(5), "period_end": ago(2)}, "0.6"),
    ({"cost_per_hour": 3, "period_start": ago(-100)}, "0"),
    ({"cost": "1e2"}, "100"),
]


@pytest.mark.parametrize(("row", "amount"), RUNNING)
@pytest.mark.parametrize("decimal", [False, True])
def test_an_amount_is_what_the_server_counts(
    bench: Any, row: dict[str, Any], amount: str, decimal: bool
) -> None:
    client, ask = rows_of(bench, row)
    found = ask(decimal=decimal).all()
    kind = Decimal if decimal else float
    [purchase] = found
    assert purchase.has_amount
    for value in (purchase.amount, found.total, found.balance):
        assert type(value) is kind
    assert abs(purchase.amount - kind(amount)) < kind("0.02")  # the hours go on while this runs
    assert found.balance == kind("12.50")
    assert len(client.mismatches) == 0


def test_text_keeps_its_digits(bench: Any) -> None:
    _, ask = rows_of(bench, {"cost": "12345678901234567.10"}, {"cost": "0.10"})
    assert str(ask(decimal=True).all().total) == "12345678901234567.20"


NO_AMOUNT = [
    {},
    {"cost": None},
    {"cost": "much"},
    {"cost": True},
    {"cost": {}},
    {"cost": "1_000"},
    {"cost": "NaN"},
    {"cost": "1e99"},
    {"cost": "٣"},
    {"cost_per_hour": 1},
    {"period_start": ago(5)},
]


@pytest.mark.parametrize("row", NO_AMOUNT)
@pytest.mark.parametrize("decimal", [False, True])
def test_a_row_without_an_amount_is_recorded_and_said(bench: Any, row: dict[str, Any], decimal: bool) -> None:
    client, ask = rows_of(bench, {"cost": 2}, row, strict=True)
    found = ask(decimal=decimal).all()
    assert [purchase.has_amount for purchase in found] == [True, False]
    assert found.total == 2
    assert "1 without an amount" in repr(found)
    [mismatch] = client.mismatches
    assert (mismatch.path, mismatch.where) == ("purchases/get-purchases", ("purchases", "*", "cost"))
    assert "much" not in str(mismatch)


def test_no_purchases_add_up_to_a_decimal_where_that_is_asked_for(client: Any) -> None:
    total = client.iter_purchases(decimal=True).total
    assert (type(total), total) == (Decimal, 0)


@pytest.mark.parametrize("name", ["decimal", "group"])
@pytest.mark.parametrize("value", ["yes", 1, None])
def test_a_flag_is_true_or_false(client: Any, name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=name):
        client.iter_purchases(**{name: value})


def recorded() -> list[dict[str, Any]]:
    exchanges = map(json.loads, EXCHANGES.read_text("utf-8").splitlines())
    answers = [
        exchange["response"].get("json")
        for exchange in exchanges
        if exchange["request"]["path"].endswith("purchases/get-purchases")
    ]
    return [answer for answer in answers if isinstance(answer, dict) and answer.get("purchases")]


READ_AT = datetime(2026, 11, 26, 18, 46, tzinfo=UTC)
"""About when the recorded server was asked for its sums."""


def test_the_sums_of_a_real_server_add_up_to_its_balance() -> None:
    [grouped] = [answer for answer in recorded() if "count" in answer["purchases"][0]]
    rows = tuple(_purchase(row, Decimal(0), READ_AT) for row in grouped["purchases"])
    found = Purchases(rows, Decimal(0), Decimal(0))
    assert abs(found.total + Decimal(str(grouped["balance"]))) < Decimal("0.01")


def test_the_single_purchases_of_a_real_server_are_what_its_sums_say() -> None:
    sums, single = {}, {}
    for answer in recorded():
        for row in answer["purchases"]:
            (sums if "count" in row else single)[row.get("id", row["service"])] = row
    compared = 0
    for row in single.values():
        group = sums.get(row["service"])
        if group and group["count"] == 1 and group["cost"] is not None:
            amount = _purchase(row, Decimal(0), READ_AT).amount
            assert abs(amount - Decimal(str(group["cost"]))) < Decimal("0.01"), row
            compared += 1
    assert compared == 4


AMOUNTS = st.one_of(
    st.builds(lambda cents: {"cost": cents / 100}, st.integers(-100_000, 100_000)),
    st.builds(lambda cents: {"cost": None, "cost_so_far": cents / 100}, st.integers(0, 10_000)),
    st.builds(
        lambda cents, hours: {
            "cost": None,
            "cost_per_hour": cents / 100,
            "period_start": "2025-12-01T00:00:00.000Z",
            "period_end": f"2025-12-01T{hours:02}:30:00.000Z",
        },
        st.integers(0, 500),
        st.integers(0, 23),
    ),
    st.just({"cost": None}),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(AMOUNTS, st.sampled_from(["license", "credit", "project-upgrade"])), max_size=12),
    st.integers(2, 5),
)
def test_pages_add_up_to_the_sums_of_the_server(runner: Any, rows: list[Any], page_size: int) -> None:
    bench = Bench("sync", StandIn(oddities=Oddities(rate_limits=False)), runner)
    for more, service in rows:
        bench.standin.purchase(bench.standin.user, service=service, **more)
    client = bench.client()
    pages = client.iter_purchases(page_size=page_size, decimal=True).all()
    sums = client.iter_purchases(group=True, decimal=True).all()
    assert len(pages) == len(rows)
    assert abs(pages.total - sums.total) < Decimal("0.000001")
    assert abs(pages.total + pages.balance) < Decimal("0.000001")


def test_they_can_be_chosen_by_time_and_service(bench: Any, client: Any, bought: Any) -> None:
    since = datetime(2026, 1, 1, 20, tzinfo=UTC)
    assert ids(client.iter_purchases(since=since, service="license")) == [25, 23, 21]
    assert bench.seen("purchases/get-purchases")[-1]["cutoff"] == "2026-01-01T20:00:00.000Z"


def test_a_purchase_made_while_reading_gives_nothing_twice(bench: Any, client: Any, bought: Any) -> None:
    seen = []
    for purchase in client.iter_purchases(page_size=10):
        seen.append(purchase.id)
        if len(seen) in (10, 19):
            bench.standin.purchase(bench.standin.user, 1.0)
    assert [number for number in seen if number <= 25] == list(range(25, 0, -1))


def test_a_purchase_that_vanishes_while_reading_leaves_none_out(bench: Any, client: Any, bought: Any) -> None:
    seen = []
    for purchase in client.iter_purchases(page_size=10):
        seen.append(purchase.id)
        if len(seen) == 10:
            del bench.standin.world.purchases[20:23]
    assert seen == [*range(25, 15, -1), *range(15, 0, -1)]


def test_a_list_that_never_holds_still_is_given_up(bench: Any) -> None:
    count = iter(range(10_000))

    def page(_: Any) -> Any:
        return {"purchases": [{"id": next(count), "service": "x", "cost": 1} for _ in range(2)], "balance": 0}

    client = bench.client(script={"purchases/get-purchases": [page] * 100})
    with pytest.raises(ResponseError, match="changed too much"):
        list(client.iter_purchases(page_size=2))


def test_a_server_that_gives_the_same_page_for_ever_is_given_up(bench: Any) -> None:
    page = {"purchases": [{"id": number, "service": "x", "cost": 1} for number in (2, 1)], "balance": 0}
    client = bench.client(script={"purchases/get-purchases": [page] * 100})
    with pytest.raises(ResponseError, match="changed too much"):
        list(client.iter_purchases(page_size=2))


def test_the_rate_limit_is_waited_out(bench: Any, client: Any, bought: Any) -> None:
    bench.standin.oddities.rate_limits = True
    assert ids(client.iter_purchases(page_size=2)) == list(range(25, 0, -1))
    assert sum(bench.clock.slept) > 50


def test_a_wait_of_an_hour_is_not_waited_for(bench: Any, client: Any, bought: Any) -> None:
    bench.standin.fail("purchases/get-purchases", kind="rate_limit", seconds=3000, times=None)
    with pytest.raises(RateLimitError) as caught:
        list(client.iter_purchases())
    assert caught.value.retry_after == 3000


def test_a_connection_lost_between_pages_is_made_again(bench: Any, bought: Any) -> None:
    client = bench.client(script={"purchases/get-purchases": [..., httpx.ReadError("reset")]})
    assert ids(client.iter_purchases(page_size=10)) == list(range(25, 0, -1))


def test_a_server_that_stays_away_ends_the_reading_with_an_error(bench: Any, bought: Any) -> None:
    client = bench.client(script={"purchases/get-purchases": [..., *[httpx.ReadError("reset")] * 9]})
    with pytest.raises(ConnectionFailed):
        list(client.iter_purchases(page_size=10))


def test_grouped_rows_are_sums(bench: Any) -> None:
    rows = [{"service": "license", "project_id": None, "cost": 3.5, "count": 2}]
    client = bench.client(script={"purchases/get-purchases": [{"purchases": rows, "balance": 1}]})
    [group] = client.iter_purchases(group=True)
    assert (group.service, group.cost, group.count, group.id) == ("license", 3.5, 2, None)


def test_an_answer_without_purchases_is_none(bench: Any) -> None:
    client = bench.client(script={"purchases/get-purchases": [{"balance": 0}]})
    with pytest.raises(UnexpectedResponse, match="holds no purchases"):
        client.iter_purchases().all()


def test_a_refused_key_is_an_error(bench: Any) -> None:
    with pytest.raises(AuthenticationError):
        list(bench.client("sk-aaaaaaaaaaaaaaaa000099").iter_purchases())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"page_size": 501}, "page_size: must be 2 to 500"),
        ({"page_size": 0}, "page_size: must be 2 to 500"),
        ({"service": ""}, "service: must not be empty"),
        ({"project_id": "x"}, "project_id"),
        ({"account_id": "x"}, "account_id"),
        ({"until": date(2026, 1, 1), "group": True}, "until: cannot be used with `group`"),
        ({"until": date(2026, 1, 1), "since": date(2026, 1, 1)}, "until: 2026-01-01 00:00 UTC is not after"),
        ({"since": timedelta.max}, "since: .* before the year 1"),
        ({"since": timedelta.min}, "since: .* before the year 1"),
        ({"since": datetime(2026, 1, 1)}, "since: the datetime has no time zone"),  # noqa: DTZ001 - the fault under test
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    bench: Any, client: Any, arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        client.iter_purchases(**arguments)
    assert bench.seen() == []


@pytest.mark.parametrize("field", ["since", "until"])
@pytest.mark.parametrize("value", ["2026-01-01", 5, True])
def test_what_is_no_time_is_named(client: Any, field: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"{field}: expected a datetime, a date or a timedelta"):
        client.iter_purchases(**{field: value})


TIMES = [
    "2025-12-31T23:59:59.999Z",
    "2026-01-01T00:00:00.000Z",
    "2026-01-31T23:59:59.999Z",
    "2026-02-01T00:00:00.000Z",
]


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (date(2026, 1, 1), date(2026, 2, 1)),
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, 1, tzinfo=timezone(timedelta(hours=1)))),
    ],
)
@pytest.mark.parametrize("page_size", [2, 3, 500])
def test_a_period_holds_its_start_and_not_its_end(
    bench: Any, client: Any, since: date, until: date, page_size: int
) -> None:
    for time in TIMES:
        bench.standin.purchase(bench.standin.user, 1.0)["time"] = time
    found = client.iter_purchases(since=since, until=until, page_size=page_size).all()
    assert [purchase.time for purchase in found] == [datetime.fromisoformat(time) for time in TIMES[2:0:-1]]
    assert found.total == 2


@pytest.mark.parametrize("ago", [timedelta(days=30), timedelta(days=-30)])
def test_a_timedelta_is_how_long_ago(bench: Any, client: Any, ago: timedelta) -> None:
    for days in (31, 29, 1):
        time = datetime.now(UTC) - timedelta(days=days)
        row = bench.standin.purchase(bench.standin.user, float(days))
        row["time"] = time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert [purchase.cost for purchase in client.iter_purchases(since=ago)] == [1.0, 29.0]
    assert [purchase.cost for purchase in client.iter_purchases(until=ago)] == [31.0]


def test_an_administrator_reads_those_of_any_account(bench: Any, client: Any, bought: Any) -> None:
    account_id = bench.standin.second.account_id
    with pytest.raises(PermissionDeniedError, match="only admins"):
        list(client.iter_purchases(account_id=account_id))
    admin = bench.client(bench.standin.admin)
    assert [purchase.cost for purchase in admin.iter_purchases(account_id=account_id)] == [1000.0]
    mine = admin.iter_purchases(account_id=bench.standin.user.account_id, service="license", page_size=5)
    assert ids(mine) == list(range(25, 0, -2))
    assert len(list(admin.iter_purchases(account_id=bench.standin.user.account_id, group=True))) == 2


def test_they_are_a_table(client: Any, bought: Any) -> None:
    purchases = client.iter_purchases().all()
    assert "25 purchases, 32.50 USD in all" in repr(purchases)
    assert purchases._repr_html_().count("<tr>") == 26
    assert purchases.to_records()[0]["id"] == 25
