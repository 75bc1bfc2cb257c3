"""The one question that every request is asked before it is sent, of a client that may not change anything."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from cocalc_facade._errors import ConfigurationError

from .changing import change
from .placeholders import is_about_one
from .read_only import refuse

if TYPE_CHECKING:
    from cocalc_facade._calls.routes import Route
    from cocalc_facade._wire.keys import Key

    from .plan import Plan

_log = logging.getLogger("cocalc_facade")


class Held(NamedTuple):
    """A request that is not sent: what stands in for its answer, and the key that it would have been sent with."""

    value: Any
    key: Key | None


def hold(
    route: Route,
    body: bytes,
    plan: Plan | None,
    key: Callable[[], Key | None],
    *,
    read_only: bool,
    words: str | None = None,
) -> Held | None:
    """Keep back what would change something: refused when only reading is allowed, else listed. None: it may be sent.

    `words` say what it changes, where the table does not.
    """
    words = words or change(route, body)
    if words is not None and read_only:
        refuse(route, words)
    if plan is None or (words is None and not is_about_one(body)):
        return None
    found = key()
    if found is None and route.needs_key:
        from cocalc_facade._wire.keys import WHERE

        raise ConfigurationError("there is no API key, and this call needs one", hint=WHERE)
    if words is None:
        return Held(plan.stand_in(route, body), found)
    redact: Callable[[str], str] = str if found is None else found.redact
    _log.info("POST %s: not sent, for this is a dry run", redact(route.path))
    return Held(plan.add(route, body, words, redact), found)
