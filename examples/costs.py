"""What was spent each month, by service, as CSV.

    python examples/costs.py costs.csv --since 2026-01-01

The months are those of UTC, the money is exact, and what still runs is counted as the server counts it. COCALC_API_KEY (and COCALC_HOST) say for whom and where.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from collections.abc import Iterable
from contextlib import nullcontext
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

from cocalc_facade import CoCalc, CoCalcError, Purchase

COLUMNS = ("month", "service", "purchases", "usd")


def by_month(purchases: Iterable[Purchase[Decimal]]) -> list[dict[str, object]]:
    """The sums of each month and service; payments in are credits, and no costs."""
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for one in purchases:
        when = one.time or one.period_start
        if one.service not in ("credit", "auto-credit"):
            sums[when.astimezone(UTC).strftime("%Y-%m") if when else "unknown", one.service].append(
                one.amount
            )
    return [
        {"month": month, "service": service, "purchases": len(costs), "usd": f"{sum(costs, Decimal(0)):f}"}
        for (month, service), costs in sorted(sums.items())
    ]


def write(path: Path, rows: list[dict[str, object]]) -> None:
    """Write the CSV, all of it or nothing."""
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(rows)
    unfinished.replace(path)


def day(text: str) -> datetime:
    """A day, at whose beginning in UTC the report begins."""
    return datetime.combine(date.fromisoformat(text), time(), UTC)


def main(given: list[str] | None = None, client: CoCalc | None = None) -> int:
    """Do all of it; 2 when the server or the disk did not let it."""
    parser = argparse.ArgumentParser(description="What was spent each month, by service.")
    parser.add_argument("report", type=Path)
    parser.add_argument("--since", type=day, help="a day such as 2026-01-01; else everything")
    wanted = parser.parse_args(given)
    try:
        with nullcontext(client) if client else CoCalc() as server:
            rows = by_month(server.iter_purchases(since=wanted.since, decimal=True))
        write(wanted.report, rows)
    except (CoCalcError, OSError) as error:
        print(f"costs: {error}", file=sys.stderr)
        return 2
    print(f"{len(rows)} rows in {wanted.report}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
