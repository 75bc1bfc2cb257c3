"""An error as a notebook shows it: what happened first, then the lines of the user that led there."""

from __future__ import annotations

import linecache
from collections.abc import Iterator
from pathlib import Path
from traceback import FrameSummary, extract_tb

import cocalc_v2

_OURS = (str(Path(__file__).parents[1]), str(Path(cocalc_v2.__file__).parent))
_SHELLS = ("IPython", "ipykernel")
_CELL = "ipykernel_"


def rendered(error: BaseException) -> list[str]:
    """Give the lines; the notes of an error belong to what happened."""
    frames = [frame for frame in extract_tb(error.__traceback__) if _is_the_users(frame)]
    places = [line for frame in frames for line in _place(frame)]
    cause = error.__cause__
    because = [] if cause is None else [f"because of {type(cause).__name__}: {cause}"]
    return [f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ()), *places, *because]


def _is_the_users(frame: FrameSummary) -> bool:
    return not frame.filename.startswith(_OURS) and not any(
        name in Path(frame.filename).parts for name in _SHELLS
    )


def _place(frame: FrameSummary) -> Iterator[str]:
    file = "the notebook" if _CELL in frame.filename or frame.filename.startswith("<") else frame.filename
    within = "" if frame.name.startswith("<") else f", in {frame.name}"
    yield f"  {file}, line {frame.lineno}{within}"
    if line := (frame.line or linecache.getline(frame.filename, frame.lineno or 0)).strip():
        yield f"    {line}"
