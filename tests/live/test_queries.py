"""user-query reads and writes tables, and says what it does not do."""

from __future__ import annotations

import pytest

from cocalc_facade import APIError, CoCalc


def test_null_stays_in_one_row_and_is_left_out_of_many(cocalc: CoCalc, project_id: str) -> None:
    wanted = {"project_id": project_id, "title": None, "name": None}
    one = cocalc.call("user-query", {"query": {"projects": wanted}})["query"]["projects"]
    assert one == {"project_id": project_id, "title": "cocalc-facade live test", "name": None}
    (row,) = cocalc.call("user-query", {"query": {"projects": [wanted]}})["query"]["projects"]
    assert row == {"project_id": project_id, "title": "cocalc-facade live test"}


def test_a_write_gives_nothing_back_and_is_read_again(cocalc: CoCalc, project_id: str) -> None:
    written = {"query": {"projects": {"project_id": project_id, "description": "written"}}}
    assert cocalc.call("user-query", written) == {"query": {}}
    found = cocalc.query("projects", ["description"], {"project_id": project_id})
    assert found is not None
    assert found["description"] == "written"


def test_several_queries_give_several_answers(cocalc: CoCalc) -> None:
    query = {"accounts": {"account_id": None}}
    me = cocalc.whoami().account_id
    answers = cocalc.call("user-query", {"query": [query, query]})["query"]
    assert answers == [{"accounts": {"account_id": me}}] * 2
    assert cocalc.call("user-query", {"query": []}) == {"query": []}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"no_such_table": {"id": None}}, "get queries not allowed for table 'no_such_table'"),
        ({"accounts": {"nope": None}}, "user get query not allowed for accounts.nope"),
        ({"accounts": {"password_hash": None}}, "user get query not allowed for accounts.password_hash"),
        ({"accounts": {"groups": ["admin"]}}, "changing accounts.groups not allowed"),
        (
            {"accounts": {"first_name": None}, "projects": [{"project_id": None}]},
            "must specify exactly one key",
        ),
        (
            {"projects": {"project_id": "00000000-0000-4000-8000-000000000000", "title": None}},
            "do not have read access",
        ),
    ],
)
def test_what_is_not_allowed_is_refused_in_these_words(cocalc: CoCalc, query: object, words: str) -> None:
    with pytest.raises(APIError, match=f"FATAL: .*{words}"):
        cocalc.call("user-query", {"query": query})
