"""Compare two OpenAPI documents in Python names: `python scripts/compare.py OLD NEW`.

Both may be of any age and stage: as published, repaired, or `openapi/client.json`. Exit status: 0 nothing that a caller
could notice, 10 compatible or notable, 20 breaking, 2 refused.
"""

import argparse
import sys
from pathlib import Path

from cocalc_facade._changes import Severity
from cocalc_facade._contract import ContractError, contract
from cocalc_facade._report import Report, report
from scripts.document import Document, DocumentError, parse

EXIT = {Severity.INVISIBLE: 0, Severity.COMPATIBLE: 10, Severity.NOTABLE: 10, Severity.BREAKING: 20}
REFUSED = 2


def compare(old: Document, new: Document) -> Report:
    """Return what changed from `old` to `new`, two documents of any stage. Raises DocumentError or ContractError."""
    return report(contract(old), contract(new))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(description="Compare two OpenAPI documents in Python names.")
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--format", choices=("text", "markdown", "json"), default="text")
    options = parser.parse_args(arguments)
    try:
        found = compare(_read(options.old), _read(options.new))
    except (DocumentError, ContractError) as error:
        print(f"refused: {error}", file=sys.stderr)
        return REFUSED
    print({"text": str, "markdown": Report.markdown, "json": Report.json}[options.format](found))
    return EXIT[found.severity]


def _read(file: Path) -> Document:
    try:
        return parse(file.read_bytes())
    except OSError as error:
        raise DocumentError(f"{file}: {error.strerror}") from None
    except DocumentError as error:
        raise DocumentError(f"{file}: {error}") from None


if __name__ == "__main__":
    sys.exit(main())
