"""The journal of a `map`: a line of JSON for each outcome, written as it comes, from which an interrupted run goes on.

The first line says whose journal it is. A line counts when its end is there: what a crash left of the last one is cut off. The file is one's own to
read (mode 0600), used by one run at a time, and never holds the key.
"""

from __future__ import annotations

import json
import os
import stat
import threading
from array import array
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from cocalc_facade._errors import InvalidRequestError
from cocalc_facade._jobs.values.checks import local_path, refuse

from .outcomes import Outcome
from .plain import error_of, pack, pack_error, unpack

if TYPE_CHECKING:
    from cocalc_facade._wire.keys import KeySource

FORM = "cocalc-facade map 1"
CHUNK = 1 << 16
NOT_DONE, NOT_WRITTEN = -1, -2
"""Places of outcomes that are not in the file."""
_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


def mark(item: Any) -> bytes:
    """Give what stands for a packed item where it is looked for."""
    text = json.dumps(item, sort_keys=True, default=str)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()


def as_line(outcome: Outcome[Any, Any]) -> dict[str, Any]:
    """Give an outcome as a line has it; TypeError for a value without JSON."""
    found: dict[str, Any] = {"item": pack(outcome.item, "item"), "ok": outcome.ok}
    if outcome.error is None:
        found["value"] = pack(outcome.value, "value")
    else:
        found["error"] = pack_error(outcome.error)
    return found


def of_line(found: dict[str, Any]) -> Outcome[Any, Any]:
    """Give the outcome of a line. An error of a class that is neither of this package nor of Python comes back as `CoCalcError`."""
    if found["ok"]:
        return Outcome(unpack(found["item"]), unpack(found.get("value")))
    return Outcome(unpack(found["item"]), None, error_of(found["error"]))


class Journal:
    """An open journal. Places of lines are offsets in the file."""

    def __init__(
        self, path: str | os.PathLike[str], head: dict[str, str], keys: KeySource, sync: bool
    ) -> None:
        name = os.fsdecode(path) if isinstance(path, bytes) else path
        self.name = local_path(name, "journal", "the path of a file")
        self._keys = keys
        self._sync = sync
        self._done: dict[bytes, int | list[int]] = {}
        self._file: int | None = None
        self._turn = threading.Lock()
        self._end = 0
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        try:
            self._file = os.open(self.name, flags, 0o600)
        except (OSError, UnicodeEncodeError) as error:
            why = getattr(error, "strerror", "its name is no text")
            raise refuse("journal", f"{self.name} cannot be opened: {why}") from None
        try:
            if not stat.S_ISREG(os.fstat(self._file).st_mode):
                raise refuse("journal", f"{self.name} is no ordinary file")
            self._claim()
            self._end = self._read(head)
            os.ftruncate(self._file, self._end)
            if not self._end:
                self._append(_encode({"journal": FORM, **head}))
                self._sync_folder()
        except BaseException:
            self.close()
            raise

    def done(self, marked: bytes) -> int | None:
        """Give the place of a success of the item, each only once; None when there is no further one."""
        found = self._done.pop(marked, None)
        if isinstance(found, list):
            place = found.pop(0)
            if found:
                self._done[marked] = found
            return place
        return found

    def has(self, marked: bytes) -> bool:
        """Whether there is a success of the item that was not asked for yet."""
        return marked in self._done

    @property
    def left(self) -> int:
        """How many items have successes that nobody asked for."""
        return len(self._done)

    def write(self, outcome: Outcome[Any, Any], marked: bytes | None = None) -> tuple[int, bool]:
        """Write an outcome down; gives its place, and whether reading it gives the same again. TypeError for a value without JSON.

        `marked` is what stands for the item when that is not all of it.
        """
        found = as_line(outcome)
        if marked is not None:
            found["mark"] = marked.hex()
        line = _encode(found)
        kept = self._shown(line)
        if kept is not line:  # the item is known again all the same
            kept = self._shown(_encode({"mark": mark(found["item"]).hex(), **found}))
        place = self._append(kept)
        same = outcome.ok and kept is line
        if same:
            with suppress(Exception):
                return place, bool(self.outcome(place).value == outcome.value)
        return place, False

    def _shown(self, line: str) -> str:
        for key in self._keys.recent:
            line = key.redact(line)
        return line

    def outcome(self, place: int) -> Outcome[Any, Any]:
        """Read the outcome at a place."""
        return of_line(json.loads(self._line(place)))

    def unlock(self) -> None:
        """Let another run have the file; it can still be read here."""
        if self._file is not None:
            _lock(self._file, hold=False)

    def close(self) -> None:
        """Close the file."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def __del__(self) -> None:
        with suppress(Exception):
            self.close()

    def _claim(self) -> None:
        assert self._file is not None
        try:
            _lock(self._file, hold=True)
        except OSError:
            raise refuse("journal", f"{self.name} is in use by another run") from None

    def _append(self, line: str) -> int:
        assert self._file is not None
        place, data = self._end, memoryview(line.encode() + b"\n")
        with self._turn:
            os.lseek(self._file, place, os.SEEK_SET)
            written = 0
            try:
                while written < len(data):
                    written += os.write(self._file, data[written:])
            finally:  # a full disk, Ctrl-C: what is written next comes behind a whole line
                if written == len(data):
                    self._end = place + written
                else:
                    os.ftruncate(self._file, place)
        if self._sync:
            os.fsync(self._file)
        return place

    def _sync_folder(self) -> None:
        if not self._sync:
            return
        with suppress(OSError):  # not every system knows how
            folder = os.open(Path(self.name).absolute().parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _read(self, head: dict[str, str]) -> int:
        """Take up what stands in the file; gives where the whole lines end."""
        end = 0
        for number, line in enumerate(self._lines(), 1):
            try:
                found = json.loads(line)
                if number == 1:
                    self._compare(found, head)
                elif found["ok"]:
                    told = found.get("mark")
                    self._note(mark(found["item"]) if told is None else bytes.fromhex(told), end)
            except (ValueError, TypeError, KeyError, RecursionError):
                raise self._strange(number) from None
            end += len(line)
        return end

    def _lines(self) -> Iterator[bytes]:
        """Give the lines that have an end."""
        rest, at = b"", 0
        while data := self._piece(CHUNK, at):
            at += len(data)
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                yield line + b"\n"
        if rest == b"" and at == 0:
            return
        if at == len(rest) and not _begun(rest):
            raise self._strange(1)

    def _note(self, marked: bytes, place: int) -> None:
        before = self._done.get(marked)
        if before is None:
            self._done[marked] = place
        elif isinstance(before, list):
            before.append(place)
        else:
            self._done[marked] = [before, place]

    def _compare(self, found: Any, head: dict[str, str]) -> None:
        if not isinstance(found, dict) or not str(found.get("journal", "")).startswith("cocalc-facade map"):
            raise self._strange(1)
        if found["journal"] != FORM:
            raise refuse("journal", f"{self.name} is in the form {found['journal']!r} of another version")
        for name, wanted in head.items():
            if found.get(name) != wanted:
                said = {
                    "what": f"of {found.get(name)!r}, not of {wanted!r}",
                    "server": f"of a run on {found.get(name)!r}, not on {wanted!r}",
                }.get(name, "of a run with other further arguments")
                raise refuse("journal", f"{self.name} is {said}", "a run of its own has a file of its own")

    def _strange(self, number: int) -> InvalidRequestError:
        hint = "nothing was changed in it; a run of its own has a file of its own"
        if number == 1:
            return refuse("journal", f"{self.name} is no journal of map", hint)
        return refuse("journal", f"line {number} of {self.name} is no outcome", hint)

    def _line(self, place: int) -> bytes:
        parts: list[bytes] = []
        while data := self._piece(CHUNK if parts else 1024, place):
            place += len(data)
            end = data.find(b"\n")
            if end >= 0:
                parts.append(data[:end])
                break
            parts.append(data)
        return b"".join(parts)

    def _piece(self, size: int, place: int) -> bytes:
        if self._file is None:
            raise ValueError(f"the journal {self.name} is closed")
        with self._turn:
            os.lseek(self._file, place, os.SEEK_SET)
            return os.read(self._file, size)


class Kept(Sequence[Outcome[Any, Any]]):
    """The outcomes of some items, in their order: those that the journal can give are read there when they are asked for."""

    __slots__ = ("_items", "_journal", "_numbers", "_places", "_there")

    def __init__(
        self, items: Sequence[Any], places: array[int], there: dict[int, Outcome[Any, Any]], journal: Journal
    ) -> None:
        self._items = items
        self._places = places
        self._there = there
        self._journal = journal
        known = sum(place != NOT_DONE for place in places)
        self._numbers = (
            range(known)
            if known == len(places)
            else array("q", (number for number, place in enumerate(places) if place != NOT_DONE))
        )

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Outcome[Any, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Outcome[Any, Any], ...]: ...
    def __getitem__(self, index: int | slice) -> Outcome[Any, Any] | tuple[Outcome[Any, Any], ...]:
        if isinstance(index, slice):
            return tuple(self._outcome(number) for number in self._numbers[index])
        return self._outcome(self._numbers[index])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(_equal, self, other))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (list(self),)

    def _outcome(self, number: int) -> Outcome[Any, Any]:
        found = self._there.get(number)
        if found is not None:
            return found
        read = self._journal.outcome(self._places[number])
        return Outcome(self._items[number], read.value, read.error)


def _equal(one: object, other: object) -> bool:
    return one == other


def _begun(rest: bytes) -> bool:
    """Whether what stands in a file without a whole line may be what a crash left of the first one."""
    start = _encode({"journal": FORM})[:-1].encode()
    return start.startswith(rest) or rest.startswith(start)


def _lock(file: int, *, hold: bool) -> None:
    """Hold the file alone, or let it go; OSError when somebody else holds it. Where the system has no such locks nothing is held."""
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(file, (fcntl.LOCK_EX | fcntl.LOCK_NB) if hold else fcntl.LOCK_UN)
