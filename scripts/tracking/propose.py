"""Propose: turn what `scripts/track.py` left in DIR into one pull request, or into one issue. Never merges.

Runs with the right to write, on a fresh checkout, and with nothing but Python, git and gh. What lies in DIR is data: the
patch may only touch the files that a run writes, they are looked at as data, in git's index and not on the disk, and
nothing of it is run.
"""

import json
import subprocess
from pathlib import Path

from scripts.pipeline.inertness import check_module
from scripts.pipeline.inertness.page import check_list, check_page
from scripts.pipeline.swap.targets import PACKAGE, PAGES, is_written

BRANCH = "track-api"
LABELS = {
    "track-api": "c5def5",
    "breaking": "b60205",
    "notable": "fbca04",
    "compatible": "0e8a16",
    "invisible": "ededed",
    "tests-failed": "d93f0b",
}
MAX_TEXT = 60_000
MAX_PATCH = 50_000_000
BOT = ("github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com")


class ProposalError(Exception):
    """The result in DIR is not one to act on; the text is one line."""


def propose(root: Path, result: Path) -> str:
    """Act on the outcome in `result`, and return what was done."""
    outcome = json.loads((result / "outcome.json").read_text(encoding="utf-8"))
    if not isinstance(outcome, dict) or not isinstance(outcome.get("labels"), list):
        raise ProposalError("the outcome is not what track.py writes")
    kind, title, labels = outcome["kind"], str(outcome["title"]), list(map(str, outcome["labels"]))
    if not set(labels) <= LABELS.keys() or len(title) > 200 or "\n" in title:
        raise ProposalError("the outcome names labels or a title that this script does not know")
    if kind == "unchanged":
        return _withdraw(root)
    body = _body(result)
    for label in labels:
        _run(root, "gh", "label", "create", label, "--color", LABELS[label], "--force")
    if kind == "changed":
        _push(root, result / "changes.patch", title)
        return _pull_request(root, title, body, labels)
    if kind in ("stopped", "failed"):
        return _issue(root, title, body, labels)
    raise ProposalError("the outcome is of no kind that this script knows")


def _body(result: Path) -> Path:
    """Return a file with the report, cut to what GitHub takes."""
    text = (result / "report.md").read_text(encoding="utf-8")
    body = result / "body.md"
    cut = f"{text[:MAX_TEXT]}\n\nThe rest is in openapi/CHANGES.md." if len(text) > MAX_TEXT else text
    body.write_text(cut, encoding="utf-8")
    return body


def _push(root: Path, patch: Path, title: str) -> None:
    """Build the branch anew from what is checked out: what an earlier run left on it is gone."""
    if patch.stat().st_size > MAX_PATCH:
        raise ProposalError(f"the patch is larger than {MAX_PATCH} bytes")
    if not patch.read_bytes().strip():
        raise ProposalError("something changed, but there is no patch")
    _run(root, "git", "switch", "--force-create", BRANCH)
    _run(root, "git", "apply", "--cached", str(patch.resolve()))
    touched = _run(root, "git", "diff", "--cached", "--raw", "--no-renames", "--no-abbrev", "-z", "HEAD")
    parts = touched.split("\0")[:-1]
    for meta, name in zip(parts[::2], parts[1::2], strict=True):
        _, mode, _, blob, _ = meta.split(" ")
        if not is_written(name):
            raise ProposalError(f"the patch touches {name[:200]!a}, which no regeneration writes")
        if mode not in ("100644", "000000"):
            raise ProposalError(f"the patch makes {name[:200]!a} something else than a plain file")
        if mode != "000000":
            _look_at(name, _run(root, "git", "cat-file", "blob", blob))
    author = ["-c", f"user.name={BOT[0]}", "-c", f"user.email={BOT[1]}"]
    _run(root, "git", *author, "commit", "--quiet", "--message", title)
    _run(root, "git", "push", "--force", "origin", f"HEAD:refs/heads/{BRANCH}")
    _run(root, "git", "reset", "--quiet", "--hard")


def _look_at(name: str, text: str) -> None:
    """Refuse a file that is not what its name says: code that does something when imported, or no JSON."""
    try:
        text.encode()  # bytes that are no text came as half characters
        if name.endswith(".py"):
            check_module(name.removeprefix(f"{PACKAGE}/"), text)
        elif name.startswith(f"{PAGES}/"):
            check_page(name, text)
        elif name.endswith(".json"):
            json.loads(text)
        elif name.endswith(".md"):
            check_list(name, text)
        elif "\0" in text:
            raise ValueError("it holds NUL characters")
    except (ValueError, RecursionError) as error:
        raise ProposalError(
            f"the patch makes {name[:200]!a} what it must not be: {str(error)[:300]}"
        ) from None


def _pull_request(root: Path, title: str, body: Path, labels: list[str]) -> str:
    number = _open_pull_request(root)
    text = ["--title", title, "--body-file", str(body)]
    if number is None:
        flags = [part for label in labels for part in ("--label", label)]
        _run(root, "gh", "pr", "create", "--head", BRANCH, "--base", "main", *text, *flags)
        return "opened the pull request"
    stale = [part for label in LABELS if label not in labels for part in ("--remove-label", label)]
    fresh = [part for label in labels for part in ("--add-label", label)]
    _run(root, "gh", "pr", "edit", number, *text, *fresh, *stale)
    return f"updated pull request {number}"


def _withdraw(root: Path) -> str:
    number = _open_pull_request(root)
    if number is None:
        return "nothing to do"
    comment = "The server publishes again what main was made from."
    _run(root, "gh", "pr", "close", number, "--comment", comment)
    return f"closed pull request {number}"


def _open_pull_request(root: Path) -> str | None:
    return _first(_run(root, "gh", "pr", "list", "--head", BRANCH, "--state", "open", "--json", "number"))


def _issue(root: Path, title: str, body: Path, labels: list[str]) -> str:
    """Open an issue, unless one of this title is open already: a server that stays down is reported once."""
    query = ["--state", "open", "--label", BRANCH, "--limit", "100", "--json", "number,title"]
    found = json.loads(_run(root, "gh", "issue", "list", *query) or "[]")
    if any(issue["title"] == title for issue in found):
        return "the issue is open already"
    flags = [part for label in labels for part in ("--label", label)]
    _run(root, "gh", "issue", "create", "--title", title, "--body-file", str(body), *flags)
    return "opened an issue"


def _first(listed: str) -> str | None:
    found = json.loads(listed or "[]")
    return str(int(found[0]["number"])) if found else None


def _run(root: Path, *command: str) -> str:
    done = subprocess.run(  # noqa: S603 - no shell; git and gh
        command, cwd=root, capture_output=True, encoding="utf-8", errors="surrogateescape", check=False
    )
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no word why"]
        raise ProposalError(f"{' '.join(command[:3])}: {lines[-1][:300]!a}")
    return done.stdout
