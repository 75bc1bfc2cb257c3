"""Operators that the server's database has for lists only."""

from __future__ import annotations

from typing import Any

import pytest

from cocalc_facade import InvalidRequestError

OPERATORS = ["ANY", "MINLEN", "MAXLEN"]


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize(
    ("table", "field"),
    [("projects", "title"), ("accounts", "created"), ("accounts", "profile"), ("purchases", "cost")],
)
def test_they_are_refused_on_other_fields(
    bench: Any, client: Any, operator: str, table: str, field: str
) -> None:
    with pytest.raises(InvalidRequestError, match=f"{field}: {operator} is for lists") as caught:
        client.query(table, ["project_id" if table == "projects" else "account_id"], {field: {operator: 1}})
    assert caught.value.field == field
    assert bench.seen() == []


@pytest.mark.parametrize("operator", OPERATORS)
def test_they_are_sent_for_lists_and_for_fields_that_are_not_known(bench: Any, operator: str) -> None:
    script = {"user-query": [{"query": {"accounts": []}}] * 2}
    client = bench.client(script=script)
    client.query("accounts", ["name"], {"tags": {operator: 1}}, many=True)
    client.query("accounts", ["name"], {"title": {operator: 1}}, many=True, check=False)


@pytest.mark.parametrize("field", ["url", "image", "site_license_id", "cross_origin_isolation"])
def test_a_share_by_its_id_lacks_some_fields(bench: Any, client: Any, field: str) -> None:
    with pytest.raises(InvalidRequestError, match=f"{field}: public_paths_by_id has no such field"):
        client.query("public_paths_by_id", [field], {"id": "0" * 40})
    assert bench.seen() == []


def test_one_of_all_shares_is_asked_for_as_a_list(bench: Any) -> None:
    rows = [{"id": "0" * 40, "name": "x"}]
    client = bench.client(script={"user-query": [{"query": {"all_public_paths": rows}}]})
    assert client.query("all_public_paths", ["id", "name"]) == rows[0]
