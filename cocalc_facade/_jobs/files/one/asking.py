"""Scripts of this room, run in a project: asked again when no answer came, which does no harm."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from cocalc_facade._calls.meaning.unreached import is_unreached
from cocalc_facade._calls.retries import backoff
from cocalc_facade._errors import CommandError, ServerError, TransportError, UnexpectedResponse
from cocalc_facade._jobs.run import ONE_CALL, PLAIN, run
from cocalc_facade._wire.flow import Sleep

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._jobs.values.commands import CompletedCommand
    from cocalc_facade._wire.flow import Flow

AT_ONCE = 200_000_000
"""Bytes that a project reads or writes within the time of one call, also on a slow day."""
SLOWEST = 2_000_000
"""Bytes a second that it reads or writes at least."""


def ask(
    session: Session, project: str, script: str, *, size: int = 0, max_output: int = 20_000
) -> Flow[CompletedCommand]:
    """Run a script that touches `size` bytes, and give how it ended."""
    timeout = ONE_CALL if size <= AT_ONCE else max(ONE_CALL + 1, size / SLOWEST)
    tries = 0
    while True:
        tries += 1
        try:
            done = yield from run(session, project, script, timeout=timeout, max_output=max_output, env=PLAIN)
        except (TransportError, ServerError, UnexpectedResponse) as error:
            wait = backoff(tries)
            last = tries > session.options.max_retries or session.now() + wait > session.until
            if last or is_unreached(error):
                raise
            yield Sleep(wait)
            continue
        except CommandError as error:
            if error.killed:
                error.hint = "the project was busy; what arrived is kept, call it again"
            raise
        if done.truncated:
            raise UnexpectedResponse("the project said more than was asked for", path="exec")
        return done


def bytes_of(text: str) -> bytes:
    """Give the bytes that came as base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise UnexpectedResponse("the file's bytes came back garbled", path="exec", body=text[:200]) from None
