"""A second opinion: the checks that oasdiff publishes, what each of them says of a small change, and what we say of it.

`ERR` is what breaks a client for oasdiff, `WARN` what may, `INFO` what does not. Ours is the same, or a reason stands
beside it (`opinions/parts.py`). The names and levels are those of its `checker/rules.go`; of a check that is there for bodies,
properties and parameters alike, the one for properties stands for all, since here all of them are arguments.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from cocalc_facade._drift.change import Severity
from cocalc_facade._drift.contract import contract
from cocalc_facade._drift.report import report
from tests.rows import every_row
from tests.tracking.opinions.operations import AROUND
from tests.tracking.opinions.parts import SAME, Check, S, document
from tests.tracking.opinions.schemas import CHECKS


def said(old: dict[str, Any], new: dict[str, Any]) -> Severity:
    return report(contract(old), contract(new)).severity


@every_row(("answer", "check"), CHECKS, ids=[check.name for _, check in CHECKS])
def test_ours_is_the_same_or_says_why(answer: bool, check: Check) -> None:
    sides = [document(S, side) if answer else document(side, S) for side in (check.old, check.new)]
    found = said(*sides)
    assert found is check.ours
    assert (found in SAME[check.level]) == (not check.reason)


def changed(change: Any) -> dict[str, Any]:
    result = deepcopy(document(S, S))
    change(result)
    return result


@every_row(("name", "level", "before", "after", "ours", "reason"), AROUND, ids=[row[0] for row in AROUND])
def test_around_the_schemas_too(
    name: str, level: str, before: Any, after: Any, ours: Severity, reason: str
) -> None:
    found = said(changed(before), changed(after))
    assert found is ours
    assert (found in SAME[level]) == (not reason)


def test_the_table_is_long_and_names_each_check_once() -> None:
    names = [check.name for _, check in CHECKS] + [row[0] for row in AROUND]
    assert len(names) == len(set(names)) > 300
