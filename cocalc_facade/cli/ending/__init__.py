"""How a command ends that goes wrong: one line on stderr, and an exit code that tells the class of the error."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .words import NAME, here, jobs_here

if TYPE_CHECKING:
    from .signals import Interruptions

EXIT_CODES = {
    "ConfirmationRequired": (80, "not confirmed; nothing was done"),
    "ReadOnlyError": (79, "it changes something, and --read-only is set"),
    "ConfigurationError": (78, "no key, or a wrong key, host or profile"),
    "PermissionDeniedError": (77, "not allowed"),
    "NotAvailableError": (76, "not set up on this server"),
    "TimedOut": (75, "no answer in time"),
    "OSError": (74, "a file or stream of this machine"),
    "PaymentRequiredError": (73, "money is lacking"),
    "ConflictError": (72, "conflicts with what is there"),
    "RateLimitError": (71, "too many requests"),
    "Exception": (70, "a fault of this program"),
    "ServerError": (69, "the server failed"),
    "TransportError": (68, "no connection"),
    "AuthenticationError": (67, "the key is not accepted"),
    "NotFoundError": (66, "no such thing"),
    "ResponseError": (65, "the server's answer is none"),
    "InvalidRequestError": (64, "a wrong argument"),
    "UsageError": (2, "a wrong command line"),
    "CoCalcError": (1, "it was done and failed, or parts of it"),
}
"""By the name of the class, or of its nearest base that stands here."""

INTERRUPTED = 130
CLOSED_PIPE = 141
FAILED = 1

_OURS = frozenset({"ConfigurationError", "InvalidRequestError"})
"""Errors whose words are ours as a whole, unless a server answered."""


_TO_THE_ROUTE = re.compile(r"Got unexpected extra argument|No such option '--")


def end(error: BaseException, came: Interruptions | None = None) -> int:
    """Say in one line on stderr what went wrong, and give the exit code. `came` knows which signal interrupted."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    if isinstance(error, OSError) and error.errno == errno.EBADF:
        # What was closed when the signal came, and not yet noted as closed, is closed again by whoever cleans up.
        error = _interruption(error) or error
    if isinstance(error, KeyboardInterrupt):
        _settle()
        say(f"{came.words if came else 'interrupted'}{_told(error)}")
        return came.code if came else INTERRUPTED
    if isinstance(error, OSError) and error.errno in (errno.EPIPE, errno.ESHUTDOWN):
        _settle()
        if told := _told(error):
            say(f"nobody reads stdout any more{told}")
        return CLOSED_PIPE
    code, line = _judged(error)
    _settle()
    say(line)
    return code


def _interruption(error: BaseException) -> KeyboardInterrupt | None:
    """Give the interruption that was under way when an error came."""
    before = error.__context__
    while before is not None and not isinstance(before, KeyboardInterrupt):
        before = before.__context__
    return before


def code_of(kind: type[BaseException]) -> int:
    """Give the exit code of a class of errors."""
    return next(EXIT_CODES[base.__name__][0] for base in kind.__mro__ if base.__name__ in EXIT_CODES)


def fill() -> None:
    """Put something into the places of streams that whoever started us has closed, else the next file would be taken for one of them.

    What reads or writes data there hears of a bad file descriptor; what is said on stderr is not heard.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(
                os.devnull, os.O_RDONLY if number == 1 else os.O_WRONLY
            )  # it takes the lowest free number
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False))


def say(line: str) -> None:
    """Write a line to stderr, on which no key shows, and nothing that a terminal would obey. Where nothing can be written, nothing is."""
    put(f"{NAME}: {' '.join(line.split())}")


def put(line: str) -> None:
    """Write a line to stderr as `say` does, without the program's name."""
    from cocalc_facade._errors import printable

    write = _writer(sys.stderr)
    if write is not None:
        write(f"{printable(masked(line))}\n")


def masked(text: str) -> str:
    """Give a text without what looks like a key, and without the key of the environment whatever it looks like."""
    from cocalc_facade._wire.keys.redaction import MASK, RUN, mask_likely

    text = mask_likely(text, RUN)
    secret = os.environ.get("COCALC_API_KEY", "").strip()
    return text.replace(secret, MASK) if len(secret) >= RUN else text


def _judged(error: BaseException) -> tuple[int, str]:
    code = code_of(type(error)) if isinstance(error, Exception) else FAILED
    if code == EXIT_CODES["UsageError"][0]:
        return code, f"{_usage(error)}{_told(error)}"
    if code == EXIT_CODES["OSError"][0] and isinstance(error, OSError):
        what = f"{error.filename}: " if error.filename is not None else ""
        return code, f"{what}{error.strerror or error}{_told(error)}"
    if code != EXIT_CODES["Exception"][0]:
        return code, f"{_words(error)}{_told(error)}"
    if isinstance(error, UnicodeDecodeError):
        return EXIT_CODES["OSError"][0], f"it is not {error.encoding} text"
    if isinstance(error, ImportError) and "install" in str(error):
        return EXIT_CODES["UsageError"][0], str(error)
    return code, f"a fault of this program: {type(error).__name__}: {error}"


def _words(error: BaseException) -> str:
    """Give what an error of ours says, in words of the command line; of what a server or a command said, none is changed."""
    kinds = {base.__name__ for base in type(error).__mro__}
    if getattr(error, "status", None) is None and kinds & _OURS:
        return here(str(error))
    if hint := getattr(error, "hint", None):
        error.hint = here(hint)  # type: ignore[attr-defined]
    return jobs_here(str(error))


def _usage(error: BaseException) -> str:
    """Give what click says of a wrong command line, and where help is."""
    told: Callable[[], str] = getattr(error, "format_message", error.__str__)
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else NAME
    words = told().rstrip(". ")
    if getattr(getattr(context, "command", None), "name", "") in ("call", "map") and _TO_THE_ROUTE.match(
        words
    ):
        words += "; arguments of the route are given as -f name=text or -F name:=json"
        return f"{words} (see: {path} --help)"
    if getattr(error, "possibilities", ...) is None and context is not None and context.command.params:
        words += "; what begins with - and is no option stands after --"
    return f"{words} (see: {path} --help)"


def _told(error: BaseException) -> str:
    """Give the notes of an error: what goes on all the same, and how to get at it."""
    words = [str(error)] if type(error).__name__ == "MapInterrupted" else []
    words += getattr(error, "__notes__", [])
    return here("; ".join(["", *words]))


def _settle() -> None:
    """Write what is still to be written to stdout, or make sure that the interpreter does not try it at its end."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError, AttributeError):
        _silence(sys.stdout)


def _silence(stream: Any) -> None:
    """Let what a stream still has to write go nowhere: the interpreter would try it at its end, and end with 120 when it fails."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError, AttributeError):  # it has no file, or is none
        return


def _writer(stream: object) -> Callable[[str], None] | None:
    write = getattr(stream, "write", None)
    if write is None:
        return None

    def written(text: str) -> None:
        try:
            encoding = getattr(stream, "encoding", None) or "ascii"
            write(text.encode(encoding, "backslashreplace").decode(encoding))
            stream.flush()  # type: ignore[attr-defined]
        except (OSError, ValueError):
            _silence(stream)

    return written
