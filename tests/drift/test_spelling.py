"""The rules of spelling: which schemas they can be needed for is known by keywords alone."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade._drift.schema.spelling import FOREIGN, SPELLING, spelled
from cocalc_facade._drift.schema.vocabulary import OURS, VOCABULARY, Scope

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1, 3)
    | st.sampled_from(["null", "string", "array", "integer", "", "a" * 30]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(VOCABULARY)), inner, max_size=3)
    ),
    max_leaves=6,
)
SCHEMAS = st.dictionaries(st.sampled_from([*sorted(VOCABULARY), "example", f"{OURS}map"]), VALUES, max_size=6)
SCOPES = st.builds(Scope, st.booleans(), st.booleans(), st.booleans(), st.booleans())


@given(SCHEMAS, SCOPES)
def test_a_rule_leaves_a_schema_without_its_keywords_as_it_is(schema: dict[str, Any], scope: Scope) -> None:
    for rule, needed in SPELLING.items():
        without = {
            key: value
            for key, value in schema.items()
            if key not in needed and (FOREIGN not in needed or key in VOCABULARY or key.startswith(OURS))
        }
        before = deepcopy(without)
        assert (rule(without, scope), without) == (0, before), rule.__name__


@given(SCHEMAS, SCOPES)
def test_a_schema_is_spelled_as_by_all_rules_in_their_order(schema: dict[str, Any], scope: Scope) -> None:
    by_all = deepcopy(schema)
    for _ in range(4):
        if not sum(rule(by_all, scope) for rule in SPELLING):
            break

    assert spelled(schema, scope) == by_all


@pytest.mark.parametrize("scope", [Scope(answer=True), Scope(answer=False)])
def test_what_needs_nothing_is_a_copy(scope: Scope) -> None:
    schema = {"type": "string", "description": "x"}

    assert spelled(schema, scope) == schema
    assert spelled(schema, scope) is not schema
