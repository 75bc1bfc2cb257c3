"""Turn departures seen in use into candidates for `openapi/overlay.yaml`: `python scripts/suggest_overlay.py FILE`.

FILE is what `client.mismatches.to_jsonl()` wrote. The candidates go to standard output; each needs a person who finds out
why, says so in its `description`, and narrows or drops it. What cannot be said as one action is listed as a comment.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import yaml

from scripts.pipeline.overlay import overlay, read_yaml
from scripts.pipeline.published import DocumentError, parse
from scripts.pipeline.repair import repair
from scripts.tracking.suggest_overlay import departures, suggest

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(description="Suggest overlay actions for mismatches seen in use.")
    parser.add_argument(
        "mismatches", metavar="FILE", type=Path, help="what client.mismatches.to_jsonl() wrote"
    )
    options = parser.parse_args(arguments)
    try:
        document = repair(parse((ROOT / "openapi" / "upstream.json").read_bytes())).document
        document = overlay(document, read_yaml(ROOT / "openapi" / "overlay.yaml")).document
        found = departures(options.mismatches.read_text(encoding="utf-8").splitlines())
    except OSError as error:
        print(f"refused: {options.mismatches}: {error.strerror}", file=sys.stderr)
        return 2
    except DocumentError as error:
        print(f"refused: {error}", file=sys.stderr)
        return 2
    for one in found:
        action = suggest(document, one)
        if action is None:
            line = f"{one.path}: {'.'.join(one.where) or 'the whole answer'}: {one.expected}, got {', '.join(one.got)}"
            print(f"# by hand, in the overlay or the supplement: {line}".encode("unicode_escape").decode())
        else:
            print(yaml.safe_dump([action], sort_keys=False, width=110), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
