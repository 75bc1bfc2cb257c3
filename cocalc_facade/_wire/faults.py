"""What the exceptions of httpx mean, told by their names, which httpx2 shares.

An exception goes no further than here: its frames hold the request's headers, and the key with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .bodies import UnreadableError
from .flow import Fault

if TYPE_CHECKING:
    from .bodies import Body
    from .flow import Request
    from .network.line import Line

TOO_LATE = "no whole answer before the call's total time was over"
FAULTS = {
    "ConnectTimeout": ("timeout", False),
    "PoolTimeout": ("pool", False),
    "WriteTimeout": ("timeout", True),
    "ReadTimeout": ("timeout", True),
    "ConnectError": ("connect", False),
    "ProxyError": ("connect", False),
    "UnsupportedProtocol": ("connect", False),
    "LocalProtocolError": ("connect", False),
    "InvalidURL": ("connect", False),
    "RemoteProtocolError": ("garbage", True),
    "DecodingError": ("encoding", True),
}
"""httpx's exceptions: what each is, and whether the server may have read the request. The rest means a lost connection."""

MESSAGES = {
    "connect": "the connection could not be made",
    "certificate": "the server's certificate is not accepted",
    "pool": "no connection became free in time",
    "lost": "the connection was lost before an answer came",
    "timeout": "no answer in time",
    "garbage": "what came back is not HTTP",
    "truncated": "the answer broke off",
    "encoding": "the answer cannot be decompressed",
}
PHASES = {
    "ConnectTimeout": "no connection",
    "WriteTimeout": "the request could not be written",
    "ReadTimeout": "no answer",
}


def fault_of(
    error: Exception, step: Request, status: int | None, body: Body | None, line: Line | None
) -> Fault:
    """Give what an exception of the library means; a line of ours knows whether the request has left, and whether the time is over."""
    start = body.start() if body is not None else b""
    if isinstance(error, UnreadableError):
        return Fault(error.kind, error.message, sent=True, status=status, start=start)
    name = next((cls.__name__ for cls in type(error).__mro__ if cls.__name__ in FAULTS), "")
    kind, sent = FAULTS.get(name, ("lost", True))
    if line is not None and not line.asked:
        sent = False
    words = str(error)
    if kind == "connect" and "CERTIFICATE_VERIFY" in words.upper().replace(" ", "_"):
        kind = "certificate"
    if name == "RemoteProtocolError" and status is None and "disconnected" in words:
        kind = "lost"
    elif status is not None and kind in ("lost", "garbage"):
        kind = "truncated"
    message = f"{MESSAGES[kind]}: {words}" if words else MESSAGES[kind]
    if kind == "timeout":
        message = f"{PHASES.get(name, 'no answer')} within {_limit(step, name)} s"
        if line is not None and line.over():
            message = TOO_LATE
    return Fault(kind, message, sent=sent, status=status, start=start)


def _limit(step: Request, name: str) -> str:
    limits: Mapping[str, float | None] = step.timeouts
    limit = limits.get({"ConnectTimeout": "connect", "WriteTimeout": "write"}.get(name, "read"))
    return f"{limit:g}" if limit is not None else "?"
