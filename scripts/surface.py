"""Compare the Python surface with the last release: `python scripts/surface.py --against v1.2.3`.

Exit status: 0 nothing breaks, 20 something may, 2 refused.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from cocalc_facade._drift.report import report
from scripts.pipeline.diff import CONTRACT
from scripts.tracking.surface import checkout, disagreements, surface, typing_errors

ROOT = Path(__file__).resolve().parent.parent
BREAKING, REFUSED = 20, 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(description="Compare the Python surface with that of a release.")
    parser.add_argument("--against", metavar="TAG", required=True)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder)
        try:
            checkout(ROOT, options.against, old)
            found = surface(old, ROOT)
        except (ValueError, ImportError) as error:
            print(f"refused: {error}", file=sys.stderr)
            return REFUSED
        typed = typing_errors(old, ROOT)
        contracts = [
            json.loads(file.read_text()) if (file := root / CONTRACT).exists() else {} for root in (old, ROOT)
        ]
    apart = disagreements(found, report(*contracts), [*contracts[0], *contracts[1]])
    for one in found:
        print(f"{one.place}: {one.what}")
    for line in typed:
        print(f"typing tests of {options.against}: {line}")
    for route in apart.only_document:
        print(f"{route}: breaking by the documents, not seen in Python")
    for route in apart.only_python:
        print(f"{route}: breaking in Python, not seen in the documents")
    return BREAKING if found or typed or apart.only_document else 0


if __name__ == "__main__":
    sys.exit(main())
