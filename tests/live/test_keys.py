"""Keys are made, used, listed, renamed and deleted; carts are filled and emptied."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from cocalc_facade import APIError, CoCalc

from .conftest import ClientFor


@pytest.fixture
def made(cocalc: CoCalc) -> Iterator[dict[str, object]]:
    """A key for one test, which would end by itself if a test left it behind."""
    expire = (datetime.now(UTC) + timedelta(days=365)).isoformat()
    row = cocalc.call("api-keys", {"action": "create", "name": "cocalc-facade live test", "expire": expire})[
        "response"
    ][0]
    yield row
    cocalc.call("api-keys", {"action": "delete", "id": row["id"]})


def test_a_key_works_and_its_secret_is_told_once(
    cocalc: CoCalc, made: dict[str, object], client_for: ClientFor
) -> None:
    secret = str(made["secret"])
    assert secret.startswith("sk-")
    assert client_for(secret).whoami().account_id == cocalc.whoami().account_id
    (row,) = cocalc.call("api-keys", {"action": "get", "id": made["id"]})["response"]
    assert "secret" not in row
    assert row["trunc"] == f"{secret[:3]}...{secret[-6:]}"
    assert row["name"] == "cocalc-facade live test"


def test_a_key_is_renamed_and_deleted(cocalc: CoCalc, made: dict[str, object]) -> None:
    assert cocalc.call("api-keys", {"action": "edit", "id": made["id"], "name": "renamed"}) == {}
    (row,) = cocalc.call("api-keys", {"action": "get", "id": made["id"]})["response"]
    assert row["name"] == "renamed"
    assert cocalc.call("api-keys", {"action": "delete", "id": made["id"]}) == {}
    assert cocalc.call("api-keys", {"action": "get", "id": made["id"]}) == {"response": [None]}


def test_what_is_not_there_is_null_to_get_and_an_error_to_edit(cocalc: CoCalc) -> None:
    assert cocalc.call("api-keys", {"action": "get", "id": 2_000_000_000}) == {"response": [None]}
    with pytest.raises(APIError, match="no api key with id 2000000000"):
        cocalc.call("api-keys", {"action": "edit", "id": 2_000_000_000, "name": "x"})
    with pytest.raises(APIError, match="invalid input syntax for type timestamp"):
        cocalc.call("api-keys", {"action": "create", "name": "x", "expire": "soon"})


def test_a_cart_is_filled_and_emptied_and_nothing_is_bought(cocalc: CoCalc) -> None:
    description = {
        "type": "quota",
        "user": "academic",
        "period": "monthly",
        "run_limit": 1,
        "cpu": 1,
        "ram": 1,
        "disk": 3,
        "member": True,
        "uptime": "short",
    }
    before = {row["id"] for row in cocalc.call("shopping/cart/get")}
    assert cocalc.call("shopping/cart/add", {"product": "site-license", "description": description}) == 1
    (item,) = [row for row in cocalc.call("shopping/cart/get") if row["id"] not in before]
    try:
        assert item["product"] == "site-license"
        assert item["description"]["run_limit"] == 1
        assert cocalc.call("shopping/cart/checked", {"id": item["id"], "checked": False}) == 1
        assert cocalc.call("shopping/cart/remove", {"id": item["id"]}) == 1
        assert cocalc.call("shopping/cart/remove", {"id": item["id"]}) == 0
    finally:
        assert cocalc.call("shopping/cart/delete", {"id": item["id"]}) == 1
    assert {row["id"] for row in cocalc.call("shopping/cart/get")} == before
