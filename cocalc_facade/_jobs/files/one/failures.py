"""What it means that a project could not do what moving a file takes, by the words of its own programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_facade._errors import (
    CoCalcError,
    CommandError,
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
)

from .scripts import DIFFERS, IS_FOLDER, READ_ONLY

if TYPE_CHECKING:
    from cocalc_facade._jobs.values.commands import CompletedCommand

FULL = "the disk or the quota of the project is full; nothing that was there has changed"
WORDS: tuple[tuple[str, type[CoCalcError], str | None], ...] = (
    ("No space left on device", CommandError, FULL),
    ("Disk quota exceeded", CommandError, FULL),
    ("File too large", CommandError, FULL),
    ("Permission denied", PermissionDeniedError, "the project's own user may not"),
    ("Operation not permitted", PermissionDeniedError, "the project's own user may not"),
    ("Read-only file system", PermissionDeniedError, None),
    ("File name too long", InvalidRequestError, None),
    ("Not a directory", ConflictError, "a file is where a folder should be"),
    ("cannot overwrite directory", ConflictError, "a folder is there"),
    ("Is a directory", ConflictError, "a folder is there"),
    ("cannot overwrite non-directory", ConflictError, "a file is there"),
    ("Directory not empty", ConflictError, None),
    ("File exists", ConflictError, None),
    ("No such file or directory", NotFoundError, None),
)
"""GNU's words for what went wrong, in the language that the scripts ask for; they end the lines."""
LONGEST = 300


def failure(done: CompletedCommand, path: str) -> CoCalcError:
    """Give the error for a script that did not do what it should for `path`."""
    if done.returncode == IS_FOLDER:
        return ConflictError(
            f"{path!r} is a folder in the project", path="exec", hint=f"{path + '/'!r} puts the file into it"
        )
    if done.returncode == READ_ONLY:
        return PermissionDeniedError(f"the folder of {path!r} may not be written", path="exec")
    if done.returncode == DIFFERS:
        return CommandError(f"{path!r}: what arrived in the project differs from what was sent", path="exec")
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    for words, kind, hint in WORDS:
        for line in lines:
            if (
                line.rstrip().endswith(words)
                or f": {words}" in line
                or (words.startswith("cannot") and words in line)
            ):
                return kind(f"{path!r}: {line[-LONGEST:]}", path="exec", hint=hint, stderr=done.stderr)
    said = lines[-1][-LONGEST:] if lines else f"a command of it ended with {done.returncode}"
    return CommandError(f"{path!r}: {said}", path="exec", exit_code=done.returncode, stderr=done.stderr)
