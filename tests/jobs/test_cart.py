"""The cart, and a checkout that happens once or not at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from cocalc_facade._errors import (
    APIError,
    AuthenticationError,
    ConnectionFailed,
    InvalidRequestError,
    NotFoundError,
    UnexpectedResponse,
)
from cocalc_facade._jobs.money import cart

ROOT = Path(__file__).parents[2]
PARAMS = "purchases/get-shopping-cart-checkout-params"
BUY = "purchases/shopping-cart-checkout"
ITEM = {"id": 1, "product": "site-license", "description": {}, "checked": True, "lineItemAmount": 12.5}
PLAN = {"total": 12.5, "balance": 100, "chargeAmount": 0, "cart": [ITEM]}


def bought(bench: Any) -> int:
    return sum(url.path.endswith(BUY) for url in bench.transport.urls)


def test_a_licence_is_put_into_the_cart_as_the_schema_has_it(bench: Any, client: Any) -> None:
    item = client.cart.add_license(
        user="academic", run_limit=2, period="yearly", uptime="always_running", title="Class"
    )
    assert (item.product, item.checked) == ("site-license", True)
    [sent] = bench.seen("shopping/cart/add")
    assert sent["description"] == item.description
    body = json.loads((ROOT / "openapi" / "upstream.json").read_text("utf-8"))
    schema = body["components"]["schemas"]["AddCartItemRequestBody"]["properties"]["description"]["anyOf"][0]
    assert set(schema["required"]) <= set(sent["description"]) <= set(schema["properties"])


def test_the_words_are_those_of_the_published_schema() -> None:
    body = json.loads((ROOT / "openapi" / "upstream.json").read_text("utf-8"))
    fields = body["components"]["schemas"]["AddCartItemRequestBody"]["properties"]["description"]["anyOf"][0][
        "properties"
    ]
    assert list(cart.USERS) == fields["user"]["enum"]
    assert list(cart.PERIODS) == fields["period"]["enum"]
    assert list(cart.SOURCES) == fields["source"]["enum"]
    assert list(cart.UPTIMES) == [word for arm in fields["uptime"]["anyOf"] for word in arm["enum"]]


def test_a_range_has_begin_and_end(bench: Any, client: Any) -> None:
    start, end = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    item = client.cart.add_license(user="business", period="range", start=start, end=end)
    assert item.description["range"] == ["2026-02-01T00:00:00.000Z", "2026-06-01T00:00:00.000Z"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"user": "student"}, "user: 'student' is unknown; known are academic, business"),
        ({"run_limit": 0}, "run_limit: must be at least 1"),
        ({"cpu": 0}, "cpu: must be at least 1"),
        ({"ram": -4}, "ram: must be at least 1"),
        ({"disk": 0}, "disk: must be at least 1"),
        ({"uptime": "forever"}, "uptime: 'forever' is unknown"),
        ({"period": "weekly"}, "period: 'weekly' is unknown"),
        ({"period": "range"}, "start: must be given"),
        ({"start": datetime(2026, 1, 1, tzinfo=UTC)}, 'start: goes with period="range"'),
        (
            {
                "period": "range",
                "start": datetime(2026, 2, 1, tzinfo=UTC),
                "end": datetime(2026, 1, 1, tzinfo=UTC),
            },
            "end: must be after start",
        ),
        ({"dedicated_cpu": -1}, "dedicated_cpu: must be at least 0"),
        ({"title": " "}, "title: must not be empty"),
        ({"project_id": "x"}, "project_id"),
    ],
)
def test_nonsense_is_refused_before_it_breaks_the_cart(
    bench: Any, client: Any, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        client.cart.add_license(**{"user": "academic", **changes})
    assert bench.seen() == []


@pytest.mark.parametrize("changes", [{"member": 1}, {"cpu": 1.5}, {"cpu": True}, {"run_limit": "2"}])
def test_wrong_types_are_refused_before_they_break_the_cart(
    bench: Any, client: Any, changes: dict[str, Any]
) -> None:
    with pytest.raises(TypeError):
        client.cart.add_license(**{"user": "academic", **changes})
    assert bench.seen() == []


def test_an_addition_whose_answer_was_lost_is_not_repeated(bench: Any) -> None:
    client = bench.client(script={"shopping/cart/add": [httpx.ReadError("reset")] * 5})
    with pytest.raises(ConnectionFailed) as caught:
        client.cart.add_license(user="academic")
    assert caught.value.maybe_executed
    assert len(bench.transport.urls) == 1


def test_items_can_be_unticked_kept_for_later_and_deleted(bench: Any, client: Any) -> None:
    first = client.cart.add_license(user="academic")
    second = client.cart.add_license(user="business")
    client.cart.check(first.id, False)
    assert [item.checked for item in client.cart.items()] == [False, True]
    client.cart.save_for_later(first.id)
    assert [item.id for item in client.cart.items()] == [second.id]
    client.cart.delete(second.id)
    assert len(client.cart.items()) == 0


@pytest.mark.parametrize("method", ["save_for_later", "delete", "check"])
def test_an_item_that_is_not_there_is_not_found(client: Any, method: str) -> None:
    with pytest.raises(NotFoundError, match="no such item 99 in the cart"):
        getattr(client.cart, method)(99)


def test_a_checkout_without_confirmation_buys_nothing_and_says_what_it_would(bench: Any) -> None:
    client = bench.client(script={PARAMS: [PLAN] * 3})
    for plan in (client.cart.checkout(), client.cart.price(), client.cart.checkout(confirm=False)):
        assert not plan.bought
        assert (plan.total, plan.balance, plan.items[0].cost) == (12.5, 100, 12.5)
        assert (
            str(plan)
            == "nothing was bought: checkout(confirm=True) would buy 1 item for $12.50 from the balance of $100.00"
        )
    assert bought(bench) == 0


@pytest.mark.parametrize("confirm", ["yes", 1, "true", object()])
def test_what_is_neither_true_nor_false_confirms_nothing_and_is_refused(bench: Any, confirm: Any) -> None:
    client = bench.client(script={PARAMS: [PLAN]})
    with pytest.raises(TypeError, match="confirm: expected True or False"):
        client.cart.checkout(confirm=confirm)
    assert bench.seen() == []


@pytest.mark.parametrize(
    ("money", "to_pay"),
    [
        ({"balance": 2, "chargeAmount": 10.5}, 10.5),
        ({"balance": "2.00", "chargeAmount": "10.50"}, 10.5),
        ({"balance": -100, "total": 27, "chargeAmount": 127, "minBalance": 0}, 127),
        ({"balance": -100, "total": 27}, 127),
        ({"balance": 0, "total": 3, "chargeAmount": 3}, 0),
        ({"balance": 0, "total": 3.01, "chargeAmount": 3.01}, 3.01),
        ({"balance": 0, "total": 27, "chargeAmount": 0, "minBalance": -100}, 0),
        ({"balance": 500, "total": 27, "chargeAmount": 0}, 0),
    ],
)
def test_the_plan_names_what_the_server_would_ask_for(
    bench: Any, money: dict[str, Any], to_pay: float
) -> None:
    plan = bench.client(script={PARAMS: [PLAN | money]}).cart.checkout()
    assert plan.to_pay == to_pay
    asked = f"${to_pay:.2f} would have to be paid in first"
    assert (asked in str(plan)) is (to_pay > 0)


@pytest.mark.parametrize("answer", [{"total": None}, {"total": "much"}, {"balance": None}, {"total": [1]}])
def test_a_plan_without_its_money_is_no_plan(bench: Any, answer: dict[str, Any]) -> None:
    client = bench.client(script={PARAMS: [PLAN | answer]})
    with pytest.raises(UnexpectedResponse, match="the answer holds no"):
        client.cart.checkout()


def test_a_confirmed_checkout_buys_once(bench: Any) -> None:
    client = bench.client(script={PARAMS: [PLAN], BUY: [{"success": True}]})
    done = client.cart.checkout(confirm=True)
    assert done.bought
    assert "bought 1 item for $12.50" in str(done)
    assert bought(bench) == 1


def test_the_stand_in_sells_from_the_balance(bench: Any, client: Any) -> None:
    bench.standin.purchase(bench.standin.user, -1000.0, service="credit")
    client.cart.add_license(user="academic")
    done = client.cart.checkout(confirm=True)
    assert done.bought
    assert done.total > 0
    assert len(client.cart.items()) == 0
    assert [item.product for item in client.cart.recent()] == ["site-license"]


def test_a_lack_of_money_is_the_servers_refusal(bench: Any, client: Any) -> None:
    client.cart.add_license(user="academic")
    with pytest.raises(APIError):
        client.cart.checkout(confirm=True)
    assert len(client.cart.items()) == 1


@pytest.mark.parametrize(
    "fault", [httpx.ReadError("reset"), httpx.ReadTimeout("slow"), {"error": "undefined"}]
)
def test_a_purchase_is_never_repeated(bench: Any, fault: Any) -> None:
    client = bench.client(script={PARAMS: [PLAN], BUY: [fault] * 9}, max_retries=5)
    with pytest.raises(Exception, match=r"shopping-cart-checkout|reset|slow") as caught:
        client.cart.checkout(confirm=True)
    assert bought(bench) == 1
    assert any("may have happened; it is not tried again" in note for note in caught.value.__notes__)


def test_a_gateways_error_does_not_repeat_a_purchase(bench: Any) -> None:
    client = bench.client(script={PARAMS: [PLAN]}, max_retries=5)
    bench.standin.fail(BUY, kind="status", status=503, times=None)
    with pytest.raises(APIError):
        client.cart.checkout(confirm=True)
    assert bought(bench) == 1


@pytest.mark.parametrize("most", ["10", True, None, object()])
def test_at_most_is_a_number_or_a_decimal(bench: Any, most: Any) -> None:
    client = bench.client(script={PARAMS: [PLAN]})
    if most is None:
        assert not client.cart.checkout(at_most=most).bought
        return
    with pytest.raises(TypeError, match="at_most"):
        client.cart.checkout(confirm=True, at_most=most)
    assert bench.seen() == []


@pytest.mark.parametrize("most", [0, -1, float("nan"), Decimal("NaN"), Decimal("-1"), Decimal("Infinity")])
def test_at_most_is_above_zero_and_finite(bench: Any, most: Any) -> None:
    with pytest.raises(InvalidRequestError, match="at_most"):
        bench.client().cart.checkout(confirm=True, at_most=most)
    assert bench.seen() == []


def test_a_decimal_limit_is_exact_to_the_last_digit(bench: Any) -> None:
    client = bench.client(
        script={PARAMS: [PLAN | {"total": "12.501"}, PLAN | {"total": 12.5}], BUY: [{"success": True}]}
    )
    with pytest.raises(InvalidRequestError, match=r"\$12\.501, more than \$12\.50"):
        client.cart.checkout(confirm=True, at_most=Decimal("12.50"))
    assert client.cart.checkout(confirm=True, at_most=Decimal("12.50")).bought


def test_more_than_was_meant_is_not_bought(bench: Any) -> None:
    client = bench.client(script={PARAMS: [PLAN]})
    with pytest.raises(InvalidRequestError, match=r"at_most: the cart costs \$12.50, more than \$10.00"):
        client.cart.checkout(confirm=True, at_most=10)
    assert bought(bench) == 0


def test_an_empty_cart_cannot_be_bought(bench: Any, client: Any) -> None:
    assert str(client.cart.checkout()) == "nothing to buy: no checked item is in the cart"
    with pytest.raises(InvalidRequestError, match="nothing to buy"):
        client.cart.checkout(confirm=True)
    assert bought(bench) == 0


def test_a_price_that_is_none_is_not_taken_for_zero(bench: Any) -> None:
    client = bench.client(script={PARAMS: [{"cart": [ITEM]}]})
    with pytest.raises(UnexpectedResponse, match="holds no total"):
        client.cart.checkout(confirm=True)
    assert bought(bench) == 0


def test_a_refused_key_is_an_error(bench: Any) -> None:
    with pytest.raises(AuthenticationError):
        bench.client("sk-aaaaaaaaaaaaaaaa000099").cart.items()
