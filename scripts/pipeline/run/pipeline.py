"""The steps of a run, in order: fetch, repair, correct, complete, compare, shape, validate, generate, reconcile, swap."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cocalc_facade._drift.change import Severity
from scripts.pipeline import diff, swap
from scripts.pipeline.published import parse, printable
from scripts.pipeline.run import lock
from scripts.pipeline.run.progress import Progress, Summary
from scripts.pipeline.swap.targets import PAGES, TARGETS


@dataclass(frozen=True)
class Upstream:
    """The published document: as it is pinned, and where it is from."""

    text: str
    document: dict[str, Any]
    source: str
    etag: str | None


@dataclass(frozen=True)
class Inputs:
    """What a run starts from beside the published document: the repository, and two of its parts or what replaces them."""

    repository: Path
    overlay: Path | None
    supplement: Path | None

    def hashes(self, upstream: str) -> dict[str, Any]:
        """Give the hashes of all that shapes the output."""
        return lock.inputs(upstream.encode(), self.overlay, self.supplement, self.repository)

    def lent(self) -> Any:
        """Give the components that our corrections share with our supplement; none where the corrections are another's."""
        if (
            self.overlay is None
            or self.overlay.resolve() != (self.repository / "openapi" / "overlay.yaml").resolve()
        ):
            return None
        from scripts.pipeline.overlay import read_yaml

        return read_yaml(place) if (place := self.repository / lock.SHARED).exists() else None

    @property
    def facts(self) -> Path:
        """What is known of each route, for every document."""
        return self.repository / lock.FACTS

    @property
    def pinned(self) -> Path:
        """The published document as it is kept."""
        return self.repository / lock.PINNED


def run(options: argparse.Namespace, inputs: Inputs) -> int:
    """Make everything anew where `options` say, or say what would change; give the exit code."""
    progress = Progress(sys.stderr)
    root = options.output or inputs.repository
    with nullcontext() if options.check else swap.exclusive(root, TARGETS):
        if options.output:
            _check_output(root, options)
        known = lock.read(root)
        holder = root if known else inputs.repository
        known = known or lock.read(holder)
        with progress.step("fetch"):
            upstream = _upstream(options, inputs, known, holder / lock.PINNED)
        shaped_by = inputs.hashes(upstream.text)
        if options.generation != "cocalc":
            shaped_by["generation"] = options.generation
        if options.check and lock.is_current(known, root, shaped_by):
            progress.say("up to date")
            return 0
        if options.check:
            return _check(options, inputs, upstream, shaped_by, known, progress)
        summary = _build(swap.stage(root), options, inputs, upstream, shaped_by, known, progress)
        with progress.step("swap"):
            summary.changed = swap.swap(root, TARGETS)
        progress.tell(summary)
    return 0


def _check(
    options: argparse.Namespace,
    inputs: Inputs,
    upstream: Upstream,
    shaped_by: dict[str, Any],
    known: lock.Lock | None,
    progress: Progress,
) -> int:
    """Say what would change, and how much that is to callers."""
    root = options.output or inputs.repository
    with TemporaryDirectory() as folder:
        new = Path(folder)
        summary = _build(new, options, inputs, upstream, shaped_by, known, progress)
        summary.changed = tuple(target for target in TARGETS if not swap.same(new / target, root / target))
    progress.tell(summary)
    found = summary.difference.report.severity if summary.difference else Severity.INVISIBLE
    # Where the document alone is another, its report says all: words that changed are nothing to callers.
    edited = summary.changed and not lock.only_document_differs(known, root, shaped_by)
    return diff.exit_code(max(found, Severity.COMPATIBLE) if edited else found)


def _check_output(root: Path, options: argparse.Namespace) -> None:
    """Refuse a folder whose files no run wrote: a run replaces them, and must not lose what is another's."""
    if os.path.lexists(root / lock.LOCK):
        return
    if options.check:
        raise ValueError(f"{root} has no client that --check could compare with")
    if foreign := next((target for target in TARGETS if os.path.lexists(root / target)), None):
        raise ValueError(
            f"{root} has a {foreign} and no {lock.LOCK}, so no run wrote it; choose another folder for --output"
        )


def _upstream(options: argparse.Namespace, inputs: Inputs, known: lock.Lock | None, pinned: Path) -> Upstream:
    """Give the published document from where the command line says it is; `pinned` is what the last run with `known` kept."""
    if options.offline or "://" not in options.source:
        place = inputs.pinned if options.offline else Path(options.source)
        try:
            document = parse(place.read_bytes())
        except OSError as error:
            raise ValueError(f"{place}: {error.strerror} (an address begins with https://)") from None
        return Upstream(lock.text(document), document, f"file:{place.name}", None)
    from scripts.pipeline.fetch import fetch

    kept = pinned.read_bytes() if pinned.exists() else b""
    fetched = fetch(options.source, etag=_etag(known, options.source, kept))
    if not fetched.not_modified and kept:
        diff.check_growth(len(kept), len(lock.text(fetched.document).encode()))
    document = parse(kept) if fetched.not_modified else fetched.document
    return Upstream(lock.text(document), document, options.source, fetched.etag)


def _etag(known: lock.Lock | None, source: str, kept: bytes) -> str | None:
    """Give what the server called the document `kept`, when it is the one that was fetched from there last."""
    if known is None or (known["source"], known["inputs"].get("upstream")) != (source, lock.sha256(kept)):
        return None
    etag: str | None = known["etag"]
    return etag


def _build(
    new: Path,
    options: argparse.Namespace,
    inputs: Inputs,
    upstream: Upstream,
    shaped_by: dict[str, Any],
    known: lock.Lock | None,
    progress: Progress,
) -> Summary:
    """Write everything that a run makes below `new`, and give what there is to tell."""
    with progress.step("load"):
        from cocalc_facade import __version__
        from cocalc_facade._drift.contract import readable
        from scripts.pipeline import coverage, examples, reference, retire
        from scripts.pipeline.diff.unmodelled import closed_parts, unmodelled
        from scripts.pipeline.document import records, released
        from scripts.pipeline.facts import lacking, newer_module, read_facts, read_newer, state
        from scripts.pipeline.generate import Provenance, generate
        from scripts.pipeline.overlay import overlay, read_yaml
        from scripts.pipeline.reconcile import reconcile
        from scripts.pipeline.repair import repair
        from scripts.pipeline.required import promise, read_required
        from scripts.pipeline.retire import classes
        from scripts.pipeline.shape import shaped
        from scripts.pipeline.supplement import meaning_ours, read_supplement, supplement
        from scripts.pipeline.validate import validate
    summary, lent = Summary(), None
    with progress.step("repair"):
        repaired = repair(upstream.document)
        document, summary.repairs = repaired.document, dict(repaired.counts)
        summary.left_out = repaired.left_out
    if inputs.overlay:
        with progress.step("overlay"):
            corrections, lent = read_yaml(inputs.overlay), inputs.lent()
            if lent:
                corrections = meaning_ours(corrections, lent, document)
            other = bool(options.output) and not options.overlay
            corrected = overlay(document, corrections, any_server=other)
            document, summary.overlay_actions = corrected.document, corrected.actions
            summary.lapsed, summary.idle = corrected.lapsed, corrected.idle
    if inputs.supplement or lent:
        with progress.step("supplement"):
            lacks = lacking(read_facts(inputs.facts), options.generation)
            files = read_supplement(inputs.supplement) if inputs.supplement else {}
            complete = supplement(document, files, without=lacks, lent=lent)
            document, summary.lacking = complete.document, len(complete.left_out)
            summary.added, summary.redundant, summary.unused = (
                complete.added,
                complete.redundant,
                complete.unused,
            )
    with progress.step("facts"):
        stated = state(document, read_facts(inputs.facts))
        document, summary.unknown = stated.document, stated.unknown
    origin = _origin(upstream, shaped_by, known)
    root = options.output or inputs.repository
    names = _released(root, released, records)
    document = released.named(document, names)
    with progress.step("diff"):
        found = diff.diff(root, document, date=origin["date"], released=__version__)
        summary.difference = found
    if found.report:
        progress.say(str(found.report))
    diff.gate(
        found,
        accept_breaking=options.accept_breaking or options.check,
        accept_mass_removal=options.accept_mass_removal,
    )
    document = retire.apply(found.document, found.retired)
    with progress.step("shape"):
        made_of = shaped(document, names)
        document = promise(made_of.document, read_required(inputs.repository / lock.REQUIRED))
        before = classes.earlier(root, __version__)
        kept = classes.kept(document, before, date=origin["date"], version=found.version)
        document, summary.lost = kept.document, kept.lost
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
        promised, _ = readable(upstream.document)
        summary.unmodelled = (
            *unmodelled(promised),
            *closed_parts(upstream.document),
            *(f"how the component {printable(name)} holds itself" for name in made_of.untyped),
        )
        _write(package / "published.py", diff.published_module(promised))
        newer = read_newer(inputs.repository / lock.NEWER)
        _write(package / "newer.py", newer_module(newer))
    with progress.step("reconcile"):
        summary.operations = reconcile(document, package).operations
    openapi = new / "openapi"
    openapi.mkdir()
    _write(openapi / "upstream.json", upstream.text)
    _write(openapi / "client.json", client_text)
    after = released.collected(document, names, __version__)
    after = released.since_release(names, after, __version__)
    moves = [*released.told(after), *kept.told(after.moved.values())]
    found = diff.with_moves(found, moves, root, date=origin["date"], released=__version__)
    summary.difference = found
    summary.moved = tuple(released.moved(names, after))
    summary.behind = tuple(released.behind(document))
    texts = {**found.files, **examples.files(document, upstream.document)}
    texts[released.TARGET] = released.text(after)
    texts[classes.TARGET] = classes.text(before or classes.of(document, __version__))
    texts[coverage.TARGET] = coverage.coverage(document)
    pages = reference.reference(
        made.made_of,
        reference.read_examples(inputs.repository / lock.EXAMPLES),
        reference.read_refusals(inputs.repository / lock.REFUSALS),
        newer,
    )
    texts |= {f"{PAGES}/{name}": page for name, page in pages.items()}
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
                "pages": lock.tree_sha256(new / PAGES),
            }
        ),
    )
    return summary


def _released(root: Path, released: Any, records: Any) -> Any:
    """Give the names that the client below `root` has; those of its `client.json` when none are written down yet."""
    if (place := root / released.TARGET).exists():
        return released.read(records.read(place))
    if (place := root / "openapi" / "client.json").exists():
        return released.collected(json.loads(place.read_text(encoding="utf-8")), released.Released(), "0.0.0")
    return released.Released()


def _origin(upstream: Upstream, shaped_by: Mapping[str, Any], known: lock.Lock | None) -> dict[str, Any]:
    """Give where the document is from and since when; the same document keeps what was noted of it first."""
    if known and known["inputs"].get("upstream") == shaped_by["upstream"]:
        return {name: known.get(name) for name in ("source", "date", "etag")}
    return {"source": upstream.source, "date": datetime.now(UTC).date().isoformat(), "etag": upstream.etag}


def _write(place: Path, text: str) -> None:
    place.write_text(text, encoding="utf-8", newline="\n")
