"""Which generation a server is of: cocalc, or the rewrite cocalc-ai.

Nothing is asked of an ordinary server. What speaks for the newer generation is the form of the key, or a refusal in its words; then the server is
asked once, for settings that only one of the two has. That needs no key and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from cocalc_facade._calls.engine import call
from cocalc_facade._calls.meaning.words.wording import NEWER as WORDS
from cocalc_facade._errors import (
    APIError,
    NotAvailableError,
    NotFoundError,
    PermissionDeniedError,
    UnexpectedResponse,
)

if TYPE_CHECKING:
    from cocalc_facade._calls.learning.learned import Generation
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

T = TypeVar("T")

OLDER = ("anonymousSignup", "shareServer", "sshGateway")
NEWER = ("legacy_migration_enabled", "policy_pages", "signupEmailDomainPolicy")


def generation(session: Session) -> Flow[Generation]:
    """Give the generation of the server, which is asked once."""
    learned = session.learned
    if learned.generation is None:
        answer = yield from call(session, "customize", {"fields": [*OLDER, *NEWER, "version"]})
        learned.generation = _told(answer)
    return learned.generation


def is_newer(session: Session) -> Flow[bool]:
    """Tell whether the server is of the newer generation; without asking it when nothing speaks for that."""
    learned = session.learned
    if learned.generation is None and (learned.suspected or _scoped(session)):
        try:
            yield from generation(session)
        except (APIError, UnexpectedResponse):
            return True
    return learned.generation == "ai"


def by_generation(session: Session, older: Callable[[], Flow[T]], newer: Callable[[], Flow[T]]) -> Flow[T]:
    """Go the way of the server's generation: the older one's first, unless something speaks for the other."""
    if not (yield from is_newer(session)):
        try:
            return (yield from older())
        except (PermissionDeniedError, NotFoundError):
            if not (yield from is_newer(session)):
                raise
    return (yield from newer())


def refuse_on_newer(session: Session, what: str, path: str) -> Flow[None]:
    """Refuse what a server of the newer generation would leave out without a word."""
    if (yield from is_newer(session)):
        raise NotAvailableError(f"servers {WORDS} have no {what}", path=path)


def _scoped(session: Session) -> bool:
    key = session.key()
    return key is not None and key.kind == "scoped"


def _told(answer: Any) -> Generation:
    settings: dict[str, Any] = answer if isinstance(answer, dict) else {}
    if any(name in settings for name in NEWER):
        return "ai"
    if any(name in settings for name in OLDER):
        return "cocalc"
    version = settings.get("version")
    if not isinstance(version, dict):
        raise UnexpectedResponse("the settings of the server do not tell its generation", path="customize")
    return "cocalc" if "min_project" in version else "ai"
