"""An answer before it is decoded: what `with_raw_response` gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._errors import CoCalcError
    from ._flow import Answer
    from ._routes import Route
    from ._session import Session


class RawAnswer:
    """Status, headers and body as they came; `parse()` gives what the typed method would have given or raised."""

    __slots__ = ("_answer", "_error", "_route", "_session", "_value", "seconds", "tries")

    def __init__(
        self,
        session: Session,
        route: Route,
        answer: Answer,
        value: Any,
        error: CoCalcError | None,
        seconds: float,
        tries: int,
    ) -> None:
        self._session = session
        self._route = route
        self._answer = answer
        self._value = value
        self._error = error
        self.seconds = seconds
        self.tries = tries

    @property
    def path(self) -> str:
        """The route that was called."""
        return self._route.path

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._answer.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the answer."""
        return self._answer.headers

    @property
    def content(self) -> bytes:
        """The body, decompressed."""
        return self._answer.body

    @property
    def text(self) -> str:
        """The body as text; what is not UTF-8 is replaced."""
        return self._answer.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Give the plain JSON value of a success; raises the error that the answer means otherwise."""
        if self._error is not None:
            raise self._error
        return self._value

    def parse(self) -> Any:
        """Decode the body, or raise what the typed method would have raised."""
        from ._answers import judge
        from ._engine import decoded

        self.json()
        value, _ = judge(self._answer, self._route)  # once more, for decoding uses it up
        return decoded(self._session, self._route, self._answer, value)

    def __repr__(self) -> str:
        return f"<RawAnswer {self.path} {self.status}, {len(self.content)} bytes>"
