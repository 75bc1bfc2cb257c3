"""The table of faults in docs/errors.md: what goes wrong on the wire, as the tests try it, and what a caller sees.

`python -m tests.wire.fault_table` writes it; a test holds that it is as it should be.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .test_faults import FAULTS

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
BEGIN = "<!-- the table of faults, written by tests/wire/fault_table.py -->\n"
END = "<!-- the end of the table of faults -->\n"


def table() -> Iterator[str]:
    """The rows of the tests, as people read them."""
    yield "| what goes wrong, once the request is sent | error | a call that may do harm is sent | a repeatable one |"
    yield "|---|---|---|---|"
    for fault in FAULTS:
        repeated = "again" if fault.repeated else "once"
        yield f"| {fault.name} | `{fault.error.__name__}` | once | {repeated} |"


def page() -> str:
    """The page with the table."""
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    return "".join([before, BEGIN, *(f"{line}\n" for line in table()), END, rest.partition(END)[2]])


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
