"""Regenerate the client from what a server publishes: fetch, repair, correct, complete, shape, generate, check, swap.

Nothing on disk changes unless every step succeeds; then all of it changes at once.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from scripts import lock

if TYPE_CHECKING:
    from scripts import diff

ROOT = Path(__file__).resolve().parent.parent
COCALC = "https://cocalc.com"
PINNED = "openapi/upstream.json"
OWN_TARGETS = (PINNED, "openapi/client.json", "openapi/lock.json", "generated/cocalc_v2")

UP_TO_DATE, COMPATIBLE, BREAKING, REFUSED = 0, 10, 20, 2


@dataclass
class Progress:
    """Shows what is being done: on a terminal in one line that moves on, elsewhere a line for each step."""

    stream: TextIO
    began: float = field(default_factory=time.monotonic)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show that the step `name` is under way, and how long it took."""
        moving = self.stream.isatty()
        if moving:
            self._write(f"\r\x1b[K{name} …")
        began = time.monotonic()
        try:
            yield
        finally:
            if moving:
                self._write("\r\x1b[K")
            else:
                self._write(f"{name:<12}{time.monotonic() - began:6.2f} s\n")

    def say(self, line: str = "") -> None:
        """Show a line that stays."""
        self._write(f"{line}\n")

    @property
    def seconds(self) -> float:
        """How long the run has taken so far."""
        return time.monotonic() - self.began

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()


@dataclass(frozen=True)
class Upstream:
    """The published document: as it is pinned, and where it is from."""

    text: str
    document: dict[str, Any]
    source: str
    etag: str | None


@dataclass
class Summary:
    """What a run tells at its end."""

    operations: int = 0
    models: int = 0
    files: int = 0
    lines: int = 0
    repairs: Mapping[str, int] = field(default_factory=dict)
    overlay_actions: int = 0
    added: tuple[str, ...] = ()
    redundant: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    difference: diff.Difference | None = None

    def told(self, seconds: float) -> Iterator[str]:
        """Give the lines of the summary."""
        kept = len(self.difference.retired["operations"]) if self.difference else 0
        yield f"operations       {self.operations} ({len(self.added)} of them from the supplement, {kept} retired)"
        yield f"models           {self.models}"
        yield f"generated        {self.files} files, {self.lines} lines"
        yield f"repairs          {sum(self.repairs.values())}"
        yield from (f"  {count:5}  {rule.replace('_', ' ')}" for rule, count in sorted(self.repairs.items()))
        yield f"overlay actions  {self.overlay_actions}"
        yield from (
            f"redundant: {path} is published now; remove it from the supplement" for path in self.redundant
        )
        yield from (
            f"unused: the supplement's component {name} is referred to by nothing" for name in self.unused
        )
        yield from (f"lost: {place} is shared with others and could not be kept" for place in self.lost)
        yield f"changed          {', '.join(self.changed) or 'nothing'}"
        if self.difference and self.difference.report:
            counts = self.difference.report.counts()
            yield f"for callers      {', '.join(f'{count} {level}' for level, count in counts.items())}"
            yield f"next version     {self.difference.version} (proposed)"
        yield f"seconds          {seconds:.1f}"


def main(arguments: list[str] | None = None) -> int:
    """Run the steps that the command line asks for, and give the exit code."""
    options = _parser().parse_args(arguments)
    progress = Progress(sys.stderr)
    if options.check and options.output:
        progress.say("refused: --check writes nothing, so --output has no use with it")
        return REFUSED
    root = options.output or ROOT
    try:
        with nullcontext() if options.check else _exclusive(root):
            return _run(options, root, progress)
    except KeyboardInterrupt:
        progress.say("stopped; nothing was changed")
        return REFUSED
    except (ValueError, OSError, RuntimeError) as error:
        progress.say(f"refused: {_line(error)}")
    except Exception as error:
        from scripts.diff import DecisionError

        if isinstance(error, DecisionError):
            progress.say(f"stopped: {_line(error)}")
            return error.exit_code
        if type(error).__module__.startswith("scripts."):
            progress.say(f"refused: {_line(error)}")
        else:
            raise
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


def _exclusive(root: Path) -> AbstractContextManager[None]:
    from scripts.swap import exclusive

    return exclusive(root)


def _run(options: argparse.Namespace, root: Path, progress: Progress) -> int:
    known = lock.read(root) or lock.read(ROOT)
    overlay_file = _place(options.overlay, ROOT / "openapi" / "overlay.yaml")
    supplement_folder = _place(options.supplement, ROOT / "openapi" / "supplement")
    if options.check and options.offline and (ROOT / PINNED).exists():
        pinned = (ROOT / PINNED).read_text(encoding="utf-8")
        if lock.is_current(known, root, lock.inputs(pinned, overlay_file, supplement_folder, ROOT)):
            progress.say("up to date")
            return UP_TO_DATE
    with progress.step("fetch"):
        upstream = _upstream(options, known)
    from scripts import coverage, diff, examples, swap

    targets = (*OWN_TARGETS, *diff.TARGETS, *examples.TARGETS, coverage.TARGET)
    shaped_by = lock.inputs(upstream.text, overlay_file, supplement_folder, ROOT)
    if options.check and lock.is_current(known, root, shaped_by):
        progress.say("up to date")
        return UP_TO_DATE
    if options.check:
        from tempfile import TemporaryDirectory

        with TemporaryDirectory() as folder:
            new = Path(folder)
            summary = _build(
                new, upstream, overlay_file, supplement_folder, shaped_by, known, progress, options
            )
            summary.changed = tuple(
                target for target in targets if not swap.same(new / target, root / target)
            )
        _tell(summary, progress)
        level = diff.exit_code(summary.difference.report.severity) if summary.difference else UP_TO_DATE
        return level or (COMPATIBLE if summary.changed else UP_TO_DATE)
    new = swap.stage(root)
    summary = _build(new, upstream, overlay_file, supplement_folder, shaped_by, known, progress, options)
    with progress.step("swap"):
        summary.changed = swap.swap(root, targets)
    _tell(summary, progress)
    return UP_TO_DATE


def _tell(summary: Summary, progress: Progress) -> None:
    for line in summary.told(progress.seconds):
        progress.say(line)


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


def _upstream(options: argparse.Namespace, known: lock.Lock | None) -> Upstream:
    """Give the published document from where the command line says it is."""
    from scripts.published import parse

    if options.offline or "://" not in options.source:
        place = ROOT / PINNED if options.offline else Path(options.source)
        try:
            document = parse(place.read_bytes())
        except OSError as error:
            raise ValueError(f"{place}: {error.strerror} (an address begins with https://)") from None
        return Upstream(lock.text(document), document, f"file:{place.name}", None)
    from scripts import diff
    from scripts.fetch import fetch

    etag = (
        known.get("etag")
        if known and (ROOT / PINNED).exists() and known.get("source") == options.source
        else None
    )
    fetched = fetch(options.source, etag=etag)
    if not fetched.not_modified and (ROOT / PINNED).exists():
        diff.check_growth((ROOT / PINNED).stat().st_size, len(lock.text(fetched.document).encode()))
    document = parse((ROOT / PINNED).read_bytes()) if fetched.not_modified else fetched.document
    return Upstream(lock.text(document), document, options.source, fetched.etag)


def _build(
    new: Path,
    upstream: Upstream,
    overlay_file: Path | None,
    supplement_folder: Path | None,
    shaped_by: dict[str, Any],
    known: lock.Lock | None,
    progress: Progress,
    options: argparse.Namespace,
) -> Summary:
    """Write everything that a run makes below `new`, and give what there is to tell."""
    with progress.step("load"):
        from cocalc_facade import __version__
        from cocalc_facade._contract import contract
        from scripts import coverage, diff, examples, retire
        from scripts.generate import Provenance, generate
        from scripts.overlay import overlay, read_yaml
        from scripts.reconcile import reconcile
        from scripts.repair import repair
        from scripts.shape import shape
        from scripts.supplement import read_supplement, supplement
        from scripts.validate import validate
    summary = Summary()
    with progress.step("repair"):
        repaired = repair(upstream.document)
        document, summary.repairs = repaired.document, dict(repaired.counts)
    if overlay_file:
        with progress.step("overlay"):
            corrected = overlay(document, read_yaml(overlay_file))
            document, summary.overlay_actions = corrected.document, corrected.actions
    if supplement_folder:
        with progress.step("supplement"):
            complete = supplement(document, read_supplement(supplement_folder))
            document = complete.document
            summary.added, summary.redundant, summary.unused = (
                complete.added,
                complete.redundant,
                complete.unused,
            )
    origin = _origin(upstream, shaped_by, known)
    with progress.step("diff"):
        found = diff.diff(options.output or ROOT, document, date=origin["date"], released=__version__)
        summary.difference = found
    if found.report:
        progress.say(str(found.report))
    diff.gate(
        found,
        accept_breaking=options.accept_breaking or options.check,
        accept_mass_removal=options.accept_mass_removal,
    )
    document, summary.lost = retire.apply(document, found.retired)
    with progress.step("shape"):
        document = shape(document)
    with progress.step("validate"):
        validate(document)
    client_text = lock.text(document)
    package = new / "generated" / "cocalc_v2"
    with progress.step("generate"):
        made = generate(
            document,
            package,
            Provenance(
                source=origin["source"],
                date=origin["date"],
                sha256=shaped_by["upstream"],
                client_sha256=lock.sha256(client_text.encode()),
            ),
        )
        summary.models, summary.files, summary.lines = made.models, made.files, made.lines
        _write(package / "published.py", diff.published_module(contract(upstream.document)))
    with progress.step("reconcile"):
        summary.operations = reconcile(document, package).operations
    openapi = new / "openapi"
    openapi.mkdir()
    _write(openapi / "upstream.json", upstream.text)
    _write(openapi / "client.json", client_text)
    texts = {**found.files, **examples.files(document, upstream.document)}
    texts[coverage.TARGET] = coverage.coverage(document)
    for name, content in texts.items():
        (new / name).parent.mkdir(parents=True, exist_ok=True)
        _write(new / name, content)
    _write(
        openapi / "lock.json",
        lock.text(
            {
                **origin,
                "operations": summary.operations,
                "inputs": shaped_by,
                "client": lock.sha256(client_text.encode()),
                "output": lock.tree_sha256(package),
            }
        ),
    )
    return summary


def _origin(upstream: Upstream, shaped_by: Mapping[str, Any], known: lock.Lock | None) -> dict[str, Any]:
    """Give where the document is from and since when; the same document keeps what was noted of it first."""
    if known and known.get("inputs", {}).get("upstream") == shaped_by["upstream"]:
        return {name: known.get(name) for name in ("source", "date", "etag")}
    return {"source": upstream.source, "date": datetime.now(UTC).date().isoformat(), "etag": upstream.etag}


def _write(place: Path, text: str) -> None:
    place.write_text(text, encoding="utf-8", newline="\n")


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return "".join(character if character.isprintable() else "?" for character in text)[:600]


if __name__ == "__main__":
    sys.exit(main())
