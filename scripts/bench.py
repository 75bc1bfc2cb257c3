"""Measure what the client costs against the bare libraries: `python scripts/bench.py [NAME…] [--json FILE] [--peers]`.

Each row is the median of interleaved rounds in one run, in CPU time. `low` and `high` enclose the middle half of the rounds.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from pathlib import Path

from scripts.benchmarks import answer, call, crowd, regeneration, report, start
from scripts.benchmarks.contest import ROWS, NotHereError, Result, measure
from scripts.benchmarks.files import rows as files
from scripts.benchmarks.growth import export, operations, suite
from scripts.benchmarks.peers import measure_peers

FILES = (start, call, answer, crowd, export, files, regeneration, operations, suite)
LEAST = 7


def main(arguments: list[str] | None = None) -> int:
    """Measure the rows asked for; 1 when one of them missed its target, or could not be measured to its end."""
    options = _parser().parse_args(arguments)
    width = max(map(len, ROWS))
    results: list[Result] = []
    failed = False
    print(report.head(width))
    for name in options.names or ROWS:
        try:
            result = measure(ROWS[name], options.rounds)
        except NotHereError as missing:
            print(f"{name:{width}}  not measured: {missing}")
            continue
        except RuntimeError as error:  # what the other rows took an hour for is not lost
            failed = True
            print(f"{name:{width}}  failed: {error}", file=sys.stderr)
            continue
        results.append(result)
        print(report.line(result, width), flush=True)
    peers = []
    if options.peers:
        for peer in measure_peers(options.rounds):
            peers.append(peer)
            print(f"{peer[0]}: {peer[1]} {peer[2]:.2f}", flush=True)
    if options.json:
        options.json.write_text(json.dumps([result.as_json() for result in results], indent=1) + "\n")
    if options.markdown:
        command = shlex.join(
            ["python", "scripts/bench.py", *options.names, *(["--peers"] if options.peers else [])]
        )
        report.rewrite(options.markdown, report.markdown(results, peers, command))
    return int(failed or any(result.verdict == "missed" for result in results))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=[*ROWS, []], metavar="NAME", help=f"one or more of: {', '.join(ROWS)}"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="rewrite the measured part of a page")
    parser.add_argument(
        "--peers", action="store_true", help="also measure other clients, in environments made for them"
    )
    parser.add_argument("--rounds", type=_rounds, default=LEAST, metavar="N", help=f"at least {LEAST}")
    return parser


def _rounds(text: str) -> int:
    if not text.isdecimal() or int(text) < LEAST:
        raise argparse.ArgumentTypeError(f"a median needs at least {LEAST} rounds, not {text}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
