"""Open or update the pull request, or the issue, that DIR describes: `python3 scripts/propose.py DIR`, the writing half of the weekly run."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # it runs where nothing is installed

from scripts.tracking.propose import ProposalError, propose  # noqa: E402


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(
        description="Open or update the pull request, or the issue, that DIR describes."
    )
    parser.add_argument("result", metavar="DIR", type=Path)
    options = parser.parse_args(arguments)
    try:
        print(propose(ROOT, options.result))
    except (ProposalError, OSError, ValueError, KeyError) as error:
        print(f"refused: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
