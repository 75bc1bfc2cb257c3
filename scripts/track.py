"""Regenerate unattended and describe the result in DIR: `python scripts/track.py DIR`, the reading half of the weekly run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scripts.tracking.track import track

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 unless the run itself broke."""
    parser = argparse.ArgumentParser(description="Regenerate unattended and describe the result in DIR.")
    parser.add_argument("result", metavar="DIR", type=Path)
    parser.add_argument("--source", help="as for regenerate.py")
    parser.add_argument("--accept-breaking", action="store_true", help="as for regenerate.py")
    options = parser.parse_args(arguments)
    command = [sys.executable, "scripts/regenerate.py"]
    command += ["--source", options.source] if options.source else []
    command += ["--accept-breaking"] if options.accept_breaking else []
    surface = [sys.executable, "scripts/surface.py"]
    outcome = track(ROOT, options.result, command, ["make", "test"], surface)
    print(f"{outcome.kind}: {outcome.title}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
