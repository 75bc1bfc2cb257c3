"""Compare two OpenAPI documents in Python names: `python scripts/compare.py OLD NEW`.

Both may be of any age and stage: as published, repaired, or `openapi/client.json`. Exit status: 0 nothing that a caller
could notice, 10 compatible or notable, 20 breaking, 2 refused.
"""

import argparse
import sys
from pathlib import Path

from cocalc_facade._drift.change import Severity
from cocalc_facade._drift.contract import contract, route
from cocalc_facade._drift.kinds import ContractError
from cocalc_facade._drift.report import Report, report
from scripts.pipeline.published import Document, DocumentError, parse
from scripts.pipeline.repair import repair
from scripts.pipeline.shape import shape

EXIT = {Severity.INVISIBLE: 0, Severity.COMPATIBLE: 10, Severity.NOTABLE: 10, Severity.BREAKING: 20}
REFUSED = 2


def compare(old: Document, new: Document) -> Report:
    """Return what changed from `old` to `new`, two documents of any stage. Raises DocumentError or ContractError.

    Both are repaired, which changes nothing where nothing is wrong. When one of them is shaped, the other is shaped too:
    a shaped document says less of answers, whose fields may all be absent.
    """
    repaired = [document if is_shaped(document) else repair(document).document for document in (old, new)]
    if is_shaped(old) != is_shaped(new):
        repaired = [shape(document) for document in repaired]
    return report(contract(repaired[0]), contract(repaired[1]))


def is_shaped(document: Document) -> bool:
    """Tell whether `document` is in the form of `openapi/client.json`."""
    posts = [(path, item.get("post")) for path, item in document["paths"].items() if isinstance(item, dict)]
    return bool(posts) and all(
        isinstance(post, dict) and post.get("operationId") == route(path) and "x-cocalc-published" in post
        for path, post in posts
    )


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
    print({"text": found.__str__, "markdown": found.markdown, "json": found.json}[options.format]())
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
