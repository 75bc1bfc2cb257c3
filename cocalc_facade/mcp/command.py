"""What the command line says. The key is not among it, for everybody on a machine sees the arguments of its processes."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from cocalc_facade._calls.values.naming import meant
from cocalc_facade._wire.keys.redaction import RUN, mask_likely


class Wanted(NamedTuple):
    """How to serve. What is None comes from the environment and the profile, as for any client."""

    allow_changes: bool
    profile: str | None
    host: str | None
    timeout: float | None
    save_to: Path | None


def parsed(arguments: Sequence[str] | None) -> Wanted:
    """Give what is wanted; ends the program for `--help` and for what makes no sense."""
    parser = _Parser(
        prog="cocalc-facade mcp",
        allow_abbrev=False,
        description="Serve the jobs and routes of CoCalc as tools, over stdin and stdout (Model Context Protocol).",
        epilog="The key comes from COCALC_API_KEY, from the file that COCALC_API_KEY_FILE names, or from a profile.",
    )
    parser.add_argument(
        "--allow-changes",
        action="store_true",
        help="let the tools change things too; without it they only read",
    )
    parser.add_argument("--profile", help="of the configuration file; else COCALC_PROFILE")
    parser.add_argument("--host", help="the server; else COCALC_HOST, else what the profile says")
    parser.add_argument("--timeout", type=_seconds, help="seconds for a whole call")
    parser.add_argument(
        "--save-to",
        type=_folder,
        metavar="FOLDER",
        help="of this machine: PDFs are saved there, instead of being sent",
    )
    return Wanted(**vars(parser.parse_args(arguments)))


class _Parser(argparse.ArgumentParser):
    """Says what makes no sense in one line, and what was meant."""

    def error(self, message: str) -> NoReturn:
        wrong = message.partition("unrecognized arguments: ")[2].split("=")[0].split(" ")[0]
        known = [name for action in self._actions for name in action.option_strings]
        hint = meant(wrong, known, f"see: {self.prog} --help") if wrong else f"see: {self.prog} --help"
        self.exit(2, f"{self.prog}: {mask_likely(message, RUN)} ({hint})\n")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"a positive number of seconds, not {text!r}")
    return seconds


def _folder(text: str) -> Path:
    folder = Path(text).expanduser()
    if not folder.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text!r}")
    return folder
