"""Purchases, carts, limits and the throttle."""

from __future__ import annotations

import pytest

from cocalc_facade.testing import StandIn

from .conftest import Post


def test_purchases_come_by_pages_newest_first(standin: StandIn, post: Post) -> None:
    for number in range(7):
        standin.purchase(standin.user, number, service="license")
        standin.clock.advance(60)
    pages = [post("purchases/get-purchases", {"limit": 3, "offset": offset}).json() for offset in (0, 3)]
    assert [row["cost"] for page in pages for row in page["purchases"]] == [6, 5, 4, 3, 2, 1]
    assert pages[0]["balance"] == -21
    assert post("purchases/get-balance").json() == -21


def test_purchases_are_summed_by_service_and_project(standin: StandIn, post: Post) -> None:
    standin.purchase(standin.user, 2.5)
    standin.purchase(standin.user, 1)
    standin.purchase(standin.user, -10, service="credit")
    grouped = post("purchases/get-purchases", {"group": True}).json()["purchases"]
    assert {row["service"]: (row["cost"], row["count"]) for row in grouped} == {
        "license": (3.5, 2),
        "credit": (-10, 1),
    }
    assert post("purchases/get-charges-by-service").json() == {"license": 3.5, "credit": -10}


def test_nobody_sees_the_purchases_of_others(standin: StandIn, post: Post) -> None:
    standin.purchase(standin.second, 5)
    assert post("purchases/get-purchases").json() == {"purchases": [], "balance": 0}
    asked = {"account_id": standin.second.account_id}
    assert post("purchases/get-balance-admin", asked, key=standin.admin.key).json() == -5


def test_a_cart_is_bought_from_the_balance_and_only_then(standin: StandIn, post: Post) -> None:
    voucher = {
        "product": "cash-voucher",
        "description": {"type": "cash-voucher", "amount": 5, "numVouchers": 2},
    }
    assert post("shopping/cart/add", voucher).json() == 1
    params = post("purchases/get-shopping-cart-checkout-params").json()
    assert (params["total"], params["amountDue"]) == (10, 10)
    assert "error" in post("purchases/shopping-cart-checkout").json()
    standin.purchase(standin.user, -12, service="credit")
    assert post("purchases/shopping-cart-checkout").json() == {"success": True}
    assert post("purchases/get-balance").json() == 2
    assert post("shopping/cart/get").json() == []
    assert len(post("shopping/cart/get", {"purchased": True}).json()) == 1


def test_the_cart_answers_with_numbers_of_rows(post: Post) -> None:
    assert post("shopping/cart/add", {"product": "nope", "description": {}}).json() == 1
    assert post("shopping/cart/checked", {"id": 1, "checked": False}).json() == 1
    assert post("shopping/cart/edit", {}).json() == 0
    assert [post("shopping/cart/remove", {"id": 1}).json() for _ in range(2)] == [1, 0]
    assert len(post("shopping/cart/get", {"removed": True}).json()) == 1
    assert [post("shopping/cart/delete", {"id": 1}).json() for _ in range(2)] == [1, 0]


@pytest.mark.parametrize(
    ("gap", "count", "said"),
    [
        (0.0, 4, "try again in 1 second (rule: at most 3 requests per second)"),
        (0.5, 16, "try again in 53 seconds (rule: at most 15 requests per minute)"),
        (4.1, 201, "(rule: at most 200 requests per hour)"),
    ],
)
def test_calls_beyond_a_rule_are_refused_with_200(
    standin: StandIn, post: Post, gap: float, count: int, said: str
) -> None:
    answers = []
    for _ in range(count):
        answers.append(post("purchases/get-purchases", waits=False))
        standin.clock.advance(gap)
    assert all("error" not in answer.json() for answer in answers[:-1])
    assert answers[-1].status == 200
    assert (
        answers[-1].json()["error"].startswith("too many requests to purchases/get-purchases; try again in")
    )
    assert answers[-1].json()["error"].endswith(said)


def test_a_call_that_the_minute_refuses_has_counted_in_the_second(standin: StandIn, post: Post) -> None:
    for _ in range(15):
        post("purchases/get-purchases", waits=False)
        standin.clock.advance(0.5)
    standin.clock.advance(1)
    refused = [post("purchases/get-purchases", waits=False).json()["error"] for _ in range(4)]
    assert ["minute" in text for text in refused] == [True, True, True, False]


def test_limits_are_for_each_account_and_endpoint_and_can_be_off(standin: StandIn, post: Post) -> None:
    for _ in range(4):
        post("purchases/get-purchases", waits=False)
    assert "error" not in post("purchases/get-purchases", key=standin.second.key, waits=False).json()
    assert "error" not in post("messages/get", waits=False).json()
    standin.oddities.rate_limits = False
    assert "error" not in post("purchases/get-purchases", waits=False).json()


def test_a_compilation_fails_inside_its_answer(standin: StandIn, post: Post) -> None:
    asked = {"project_id": standin.project.project_id, "path": "/tmp/a.tex"}
    source = "\\documentclass{article}\\begin{document}Hello\\end{document}"
    good = post("latex", {**asked, "content": source}).json()
    blob = post(f"/blobs/a.pdf?uuid={good['pdf']['data_uuid']}", method="GET", key=None)
    assert blob.body.startswith(b"%PDF-")
    assert blob.body.endswith(b"%%EOF\n")
    assert blob.header("content-disposition") == 'attachment; filename="a.pdf"'
    bad = post("latex", {**asked, "content": source[:-1]}).json()
    assert "error" not in bad
    assert bad["compile"]["event"] == bad["pdf"]["event"] == "error"
    assert "url" not in bad


def test_a_blob_lasts_a_day_whatever_its_ttl(standin: StandIn, post: Post) -> None:
    source = "\\documentclass{article}\\begin{document}Hello\\end{document}"
    made = post("latex", {"path": "a.tex", "content": source, "ttl": 60}).json()
    address = f"/blobs/a.pdf?uuid={made['pdf']['data_uuid']}"
    standin.clock.advance(61)
    assert post(address, method="GET").status == 200
    standin.clock.advance(86_400)
    gone = post(address, method="GET")
    assert (gone.status, gone.header("content-type")) == (404, "text/html; charset=utf-8")
    assert gone.body.decode() == f"blob {made['pdf']['data_uuid']} not found"


def test_code_runs_as_far_as_sums_go(standin: StandIn, post: Post) -> None:
    asked = {"project_id": standin.project.project_id, "kernel": "python3"}
    done = post("jupyter/execute", {**asked, "input": "print(2+3)\n3+4"}).json()
    assert done["output"] == [{"name": "stdout", "text": "5\n"}, {"data": {"text/plain": "7"}}]
    failed = post("jupyter/execute", {**asked, "input": "1/0"}).json()
    assert failed["success"] is True
    assert failed["output"][0]["ename"] == "ZeroDivisionError"
    beyond = post("jupyter/execute", {**asked, "input": "import os"}).json()
    assert beyond["output"][0]["ename"] == "NotImplementedError"
