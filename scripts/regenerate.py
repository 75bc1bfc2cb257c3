"""Regenerate the client from what a server publishes: fetch, repair, correct, complete, shape, generate, check, swap.

Nothing on disk changes unless every step succeeds; then all of it changes at once. The steps are in `pipeline`,
which a run that finds nothing to do never loads: most scheduled runs.
"""

from __future__ import annotations

import argparse
import gc
import sys
from pathlib import Path

from scripts.pipeline.run import lock

ROOT = Path(__file__).resolve().parent.parent
COCALC = "https://cocalc.com"

UP_TO_DATE, COMPATIBLE, BREAKING, REFUSED = 0, 10, 20, 2


def main(arguments: list[str] | None = None) -> int:
    """Run the steps that the command line asks for, and give the exit code."""
    options = _parser().parse_args(arguments)
    if options.generation != "cocalc" and not options.output:
        return _refused(f"--generation {options.generation} makes another client; say with --output where")
    if options.output:
        options.output = options.output.expanduser().resolve()
        if options.output == ROOT:
            return _refused("--output is this repository; without --output, a run makes its client anew")
        if options.output.exists() and not options.output.is_dir():
            return _refused(f"--output {options.output} is a file; a folder is needed")
    try:
        overlay = _place(options.overlay, ROOT / "openapi" / "overlay.yaml")
        supplement = _place(options.supplement, ROOT / "openapi" / "supplement")
        if options.check and options.offline and _unchanged(options, overlay, supplement):
            print("up to date", file=sys.stderr)
            return UP_TO_DATE
        from scripts.pipeline.run.pipeline import Inputs, run

        return run(options, Inputs(ROOT, overlay, supplement))
    except KeyboardInterrupt:
        print("stopped; nothing was changed", file=sys.stderr)
        return REFUSED
    except ModuleNotFoundError as error:
        return _refused(
            f"{(error.name or '').partition('.')[0]} is not installed; `make venv` installs what a run needs"
        )
    except (ValueError, OSError, RuntimeError) as error:
        return _refused(_line(error))
    except Exception as error:
        from scripts.pipeline.diff import DecisionError

        if isinstance(error, DecisionError):
            print(f"stopped: {_line(error)}", file=sys.stderr)
            return error.exit_code
        if type(error).__module__.startswith("scripts."):
            idle: tuple[str, ...] = getattr(error, "actions", ())
            for action in idle:
                print(f"without effect: {_line(action)}", file=sys.stderr)
            return _refused(_told_idle(len(idle)) if idle else _line(error))
        raise


def _unchanged(options: argparse.Namespace, overlay: Path | None, supplement: Path | None) -> bool:
    if options.output:
        return False
    try:
        pinned = (ROOT / lock.PINNED).read_bytes()
    except OSError:
        return False
    return lock.is_current(lock.read(ROOT), ROOT, lock.inputs(pinned, overlay, supplement, ROOT))


def _refused(why: str) -> int:
    print(f"refused: {why}", file=sys.stderr)
    return REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="regenerate.py",
        description="Make generated/cocalc_v2 anew from what a CoCalc server publishes.",
        epilog="Exit codes: 0 done or up to date, 2 refused; with --check 10 compatible, 20 breaking change.",
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--source", metavar="ADDRESS", default=COCALC, help="a server, its openapi.json, or a file"
    )
    source.add_argument("--offline", action="store_true", help="start from openapi/upstream.json")
    parser.add_argument("--overlay", metavar="FILE|none", help="the corrections (openapi/overlay.yaml)")
    parser.add_argument(
        "--supplement", metavar="DIR|none", help="routes that are not published (openapi/supplement)"
    )
    parser.add_argument(
        "--generation",
        choices=("cocalc", "ai"),
        default="cocalc",
        help="of the server; ai leaves out what the supplement has and these servers do not (with --output)",
    )
    parser.add_argument(
        "--output", metavar="DIR", type=Path, help="build everything there, leave the repository alone"
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing, say whether anything would change"
    )
    parser.add_argument(
        "--accept-breaking",
        action="store_true",
        help="go on although operations vanish; they stay as deprecated",
    )
    parser.add_argument(
        "--accept-mass-removal",
        action="store_true",
        help="go on although more than a tenth of all operations vanish",
    )
    return parser


def _place(given: str | None, usual: Path) -> Path | None:
    """Give the file or directory to use: what is asked for, else the usual one if it is there."""
    if given == "none":
        return None
    if given is None:
        return usual if usual.exists() else None
    place = Path(given)
    if not place.exists():
        raise ValueError(f"{given} does not exist")
    return place


def _told_idle(count: int) -> str:
    actions = "1 overlay action" if count == 1 else f"{count} overlay actions"
    return f"{actions}, named above, without effect on routes that are there; the server has mended what they correct: remove or adapt them"


def _line(error: BaseException | str) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return "".join(character if character.isprintable() else "?" for character in text)[:600]


if __name__ == "__main__":
    gc.disable()  # a run makes millions of small objects, keeps most of them, and ends soon
    code = main()
    gc.freeze()  # nor does the interpreter look through them at its end
    sys.exit(code)
