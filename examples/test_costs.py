"""The report of costs: exact sums by month and service."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from costs import main

from cocalc_facade import CoCalc
from cocalc_facade.testing import StandIn


def rows(path: Path) -> list[tuple[str, ...]]:
    with path.open(encoding="utf-8") as file:
        return [tuple(row.values()) for row in csv.DictReader(file)]


def test_costs_are_summed_by_month_and_service(
    cocalc: CoCalc, cocalc_server: StandIn, tmp_path: Path
) -> None:
    user = cocalc_server.user
    for cost, time in (
        (0.1, "2026-01-31T23:59:59Z"),
        (0.2, "2026-01-01T00:00:00Z"),
        (7, "2026-02-01T00:00:00Z"),
    ):
        cocalc_server.purchase(user, cost, time=time)
    cocalc_server.purchase(user, -50, service="credit", time="2026-01-02T00:00:00Z")
    cocalc_server.purchase(user, 1, service="compute-server", time="2026-01-02T00:00:00Z")
    assert main([str(tmp_path / "costs.csv")], cocalc) == 0
    assert rows(tmp_path / "costs.csv") == [
        ("2026-01", "compute-server", "1", "1"),
        ("2026-01", "license", "2", "0.3"),
        ("2026-02", "license", "1", "7"),
    ]


def test_an_account_that_spent_nothing_has_an_empty_report(cocalc: CoCalc, tmp_path: Path) -> None:
    assert main([str(tmp_path / "costs.csv"), "--since", "2030-01-01"], cocalc) == 0
    assert rows(tmp_path / "costs.csv") == []


def test_what_the_server_or_the_disk_says_is_one_line(
    cocalc: CoCalc, cocalc_server: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "none" / "costs.csv")], cocalc) == 2
    cocalc_server.fail("purchases/get-purchases", kind="html", times=None)
    assert main([str(tmp_path / "costs.csv")], cocalc) == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in told] == ["costs", "costs"]
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(SystemExit):
        main(["costs.csv", "--since", "2026-01-01T10:00:00+05:00"], cocalc)
