"""Changing files and directories together: all of them or none, also when the process is killed.

What is new is complete below `.regenerate/new` before anything is touched. Then a journal is written; from that
moment on the change happens, if need be by `recover` in the next run. Without a journal it has not begun.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

try:
    import fcntl
except ImportError:  # Windows has no such lock; there two runs at once are the user's to avoid
    fcntl = None  # type: ignore[assignment]

STAGE = ".regenerate"


class SwapError(RuntimeError):
    """The change was not begun; the text says why."""


@contextmanager
def exclusive(root: Path, targets: Collection[str] | None = None) -> Iterator[None]:
    """Keep other runs out of `root`, and finish or undo what a killed run left there.

    Raises:
        SwapError: another run is at work.
    """
    root.mkdir(parents=True, exist_ok=True)
    handle = os.open(root, os.O_RDONLY) if fcntl else -1
    try:
        if fcntl:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise SwapError(f"another run is changing {root}") from None
        recover(root, targets)
        try:
            yield
        finally:
            recover(root, targets)
    finally:
        if handle >= 0:
            os.close(handle)


def stage(root: Path) -> Path:
    """Give an empty directory to put what is new into, laid out as `root` is."""
    new = root / STAGE / "new"
    shutil.rmtree(root / STAGE, ignore_errors=True)
    new.mkdir(parents=True)
    return new


def swap(root: Path, targets: Sequence[str], between: Callable[[], None] = lambda: None) -> tuple[str, ...]:
    """Put the staged `targets` (files or directories, relative to `root`) in their places; give those that changed.

    A target that is not staged is removed. What is equal already is not touched. `between` is called between
    any two steps.
    """
    new = root / STAGE / "new"
    for target in targets:
        _check(root, target)
    changed = tuple(target for target in targets if not same(new / target, root / target))
    if changed:
        between()
        journal = root / STAGE / "journal.json"
        draft = journal.with_suffix(".draft")
        staged = {target: os.path.lexists(new / target) for target in changed}
        draft.write_text(json.dumps(staged), encoding="utf-8")
        between()
        draft.rename(journal)
        between()
        _carry_out(root, staged, between)
    _clear(root, between)
    return changed


def recover(root: Path, targets: Collection[str] | None = None) -> bool:
    """Finish what a killed run had begun, or clear away what it had not; tell whether anything was finished.

    A journal is carried out for `targets` alone, where they are given: whatever else lies there was not written by a run.

    Raises:
        SwapError: the journal is none of ours. Nothing was touched.
    """
    if (root / STAGE).is_symlink():
        raise SwapError(f"{root / STAGE} is a link, which no run makes; remove it")
    journal = root / STAGE / "journal.json"
    if os.path.lexists(journal):
        _carry_out(root, _read_journal(root, journal, targets), lambda: None)
        _clear(root, lambda: None)
        return True
    shutil.rmtree(root / STAGE, ignore_errors=True)
    return False


def _read_journal(root: Path, journal: Path, targets: Collection[str] | None) -> dict[str, bool]:
    """Give what a journal says, if it is one that `swap` can have written."""
    try:
        if not stat.S_ISREG(journal.lstat().st_mode):
            raise ValueError("it is no plain file")
        staged = json.loads(journal.read_text(encoding="utf-8"))
        if not isinstance(staged, dict) or not all(type(is_new) is bool for is_new in staged.values()):
            raise ValueError("it says no targets")
        for target in staged:
            _check(root, target)
            if targets is not None and target not in targets:
                raise ValueError(f"no run writes {target[:200]!a}")
            new = root / STAGE / "new" / target
            if any(place.is_symlink() for place in (new, *new.rglob("*"))):
                raise ValueError(f"what is to become {target[:200]!a} has a link in it")
    except (OSError, ValueError, RecursionError, SwapError) as error:
        raise SwapError(
            f"{journal} was not written by a run ({error}); look at it, then remove {root / STAGE}"
        ) from None
    return staged


def _check(root: Path, target: str) -> None:
    """Refuse a target that is not below `root`, by its name or by a link on the way to it."""
    parts = PurePosixPath(target).parts
    bad = not parts or PurePosixPath(target).is_absolute() or {"..", STAGE} & {*parts}
    if bad or "\\" in target or ":" in target or "\0" in target:
        raise SwapError(f"{target[:200]!a} is not below {root}")
    staged = [root / STAGE / part for part in ("new", "old")]
    on_the_way = [
        place.joinpath(*parts[:number]) for place in (root, *staged) for number in range(1, len(parts))
    ]
    if any(place.is_symlink() for place in (*staged, *on_the_way)):
        raise SwapError(f"{target} lies behind a link")


def _carry_out(root: Path, staged: Mapping[str, bool], between: Callable[[], None]) -> None:
    """Move each target's new form in; every step can be repeated, so that any beginning can be finished."""
    for target, is_new in staged.items():
        new, old, place = (root / STAGE / "new" / target, root / STAGE / "old" / target, root / target)
        if is_new and not os.path.lexists(new):
            continue
        if os.path.lexists(place):
            old.parent.mkdir(parents=True, exist_ok=True)
            place.rename(old)
            between()
        if is_new:
            place.parent.mkdir(parents=True, exist_ok=True)
            new.rename(place)
            between()


def _clear(root: Path, between: Callable[[], None]) -> None:
    # The journal goes first: a half-emptied stage must not look like a change to finish.
    (root / STAGE / "journal.json").unlink(missing_ok=True)
    between()
    shutil.rmtree(root / STAGE, ignore_errors=True)


def same(one: Path, other: Path) -> bool:
    """Tell whether two files or directories hold the same; two that do not exist do."""
    if one.is_dir() and other.is_dir() and not other.is_symlink():
        names = _names(one)
        return names == _names(other) and all(same(one / name, other / name) for name in names)
    if one.is_file() and other.is_file() and not other.is_symlink():
        return one.read_bytes() == other.read_bytes()
    return not os.path.lexists(one) and not os.path.lexists(other)


def _names(directory: Path) -> set[str]:
    return {place.name for place in directory.iterdir() if place.name != "__pycache__"}
