"""A course from the first day to the grades, on a server that fails in all ways: nothing lost, nothing done twice, every failure named."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cocalc_facade.testing.server.faults import KINDS
from scripts.benchmarks.courses.whole import Told, whole


def taught(folder: Path, failing: float) -> Told:
    return asyncio.run(whole(20, failing, folder))


def test_a_course_on_a_server_that_does_not_fail(tmp_path: Path) -> None:
    told = taught(tmp_path, 0.0)
    assert told.wrong == ()
    assert (told.named, told.doubtful) == ({}, 0)
    assert told.rounds == {"hand_out": 1, "check": 1, "collect": 1}
    assert sorted(row.grade or "" for row in told.grades) == ["0/10"] * 10 + ["10/10"] * 10


def test_a_course_on_a_server_that_fails_in_every_way_it_knows(tmp_path: Path) -> None:
    told = taught(tmp_path, 0.1)
    assert set(told.troubles) == set(KINDS)
    assert told.wrong == ()
    assert len([row for row in told.grades if row.grade]) == 20 - told.doubtful
    assert sum(told.named.values()) > 0
