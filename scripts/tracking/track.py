"""Track: one unattended regeneration, up to what a pull request would say. Writes nothing outside the checkout and DIR.

This half of the weekly run meets the server's text, so it runs without any right to write to the repository. What it
leaves in DIR is data for `scripts/propose.py`, which has that right and runs nothing that came from here:
`outcome.json`, `report.md` and, when something changed, `changes.patch`.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

from cocalc_facade._drift.report import report
from scripts.pipeline.diff import CHANGES, CONTRACT
from scripts.pipeline.diff.changelog import MOVED, latest, moves
from scripts.pipeline.swap.targets import TARGETS

STOPPED = 20
TAIL = 30
SAID = 200  # a regeneration ends with what a person has to decide on, a line for each


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: `kind` is `unchanged`, `changed`, `stopped` (a person has to decide) or `failed`."""

    kind: str
    title: str
    labels: tuple[str, ...] = ()


def track(
    root: Path, result: Path, regenerate: list[str], test: list[str], surface: list[str] | None = None
) -> Outcome:
    """Run `regenerate` in `root` and, if anything changed, `test`; leave outcome, report and patch in `result`.

    `surface` is the command that compares the Python surface with the last release, whose tag is given to it.
    """
    before = _read(root / CONTRACT)
    run = subprocess.run(regenerate, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    said = run.stderr.strip().splitlines()[-SAID:]
    patch = ""
    if run.returncode == 0:
        written = [target for target in TARGETS if (root / target).exists()]
        _git(root, "add", "--all", "--", *written)
        patch = _git(root, "diff", "--cached", "--binary", "--no-renames", "--", *written)
    if run.returncode == STOPPED:
        outcome = Outcome(
            "stopped", "The server dropped operations: a person has to decide", ("track-api", "breaking")
        )
        text = f"Nothing was changed. {_fenced(said)}\nTo go on, run the workflow by hand with `accept_breaking`.\n"
    elif run.returncode != 0:
        outcome = Outcome("failed", "The weekly regeneration failed", ("track-api",))
        text = f"Nothing was changed. {_fenced(said)}"
    elif not patch:
        outcome, text = Outcome("unchanged", "The server publishes what the client was made from"), ""
    else:
        outcome, text = _changed(root, before, test, surface)
    result.mkdir(parents=True, exist_ok=True)
    (result / "report.md").write_text(text, encoding="utf-8")
    (result / "changes.patch").write_text(patch, encoding="utf-8")
    (result / "outcome.json").write_text(json.dumps(asdict(outcome), indent=2) + "\n", encoding="utf-8")
    return outcome


def _changed(root: Path, before: str, test: list[str], surface: list[str] | None) -> tuple[Outcome, str]:
    after = _read(root / CONTRACT)
    found = report(json.loads(before or after), json.loads(after))
    tests = subprocess.run(test, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    passed = tests.returncode == 0
    labels = ("track-api", str(found.severity), *(() if passed else ("tests-failed",)))
    counts = ", ".join(f"{count} {level}" for level, count in found.counts().items()) or "nothing visible"
    changes = _read(root / CHANGES)
    version = latest(changes) if found else None
    text = f"{found.markdown()}\n\n"
    text += f"{MOVED}\n\n{classes}\n\n" if (classes := moves(changes)) and found else ""
    text += f"Proposed version: **{version}**.\n\n" if version else "Proposed version: a patch.\n\n"
    text += (
        "The tests pass.\n"
        if passed
        else f"**The tests fail.** {_fenced(tests.stdout.strip().splitlines()[-TAIL:])}"
    )
    text += _surface(root, surface) if surface else ""
    return Outcome("changed", f"Follow the server's API: {counts}", labels), text


def _surface(root: Path, command: list[str]) -> str:
    tags = _git(root, "tag", "--list", "v*", "--sort=-version:refname").split()
    if not tags:
        return "\nThere is no release yet to compare the Python surface with.\n"
    command = [*command, "--against", tags[0]]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    lines = (run.stdout or run.stderr).strip().splitlines()
    shown = [*lines[:TAIL], *([f"… and {len(lines) - TAIL} more"] if len(lines) > TAIL else [])]
    return (
        f"\nThe Python surface against {tags[0]}. {_fenced(shown)}"
        if shown
        else f"\nPython sees nothing break against {tags[0]}.\n"
    )


def _fenced(lines: list[str]) -> str:
    """Return `lines` of a program as a block in which nothing is obeyed."""
    shown = "\n".join(line.replace("`", "'")[:500] for line in lines)
    return f"It said:\n\n```text\n{shown}\n```\n"


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - git and our own words


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""
