"""An answer before it is decoded: what `with_raw_response` gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cocalc_v2.tables import counted

from cocalc_facade._calls.routes import Route
from cocalc_facade._errors import CoCalcError
from cocalc_facade._json.records import Record
from cocalc_facade._wire.flow import Answer


class RawAnswer(Record):
    """Status, headers and body as they came; `parse()` gives what the typed method would have given or raised."""

    __slots__ = ("_answer", "_decode", "_error", "_route", "_value", "seconds", "tries")

    def __init__(
        self,
        route: Route,
        answer: Answer,
        value: Any,
        error: CoCalcError | None,
        seconds: float,
        tries: int,
        decode: Callable[[], Any],
    ) -> None:
        self._decode = decode
        self._route = route
        self._answer = answer
        self._value = value
        self._error = error
        self.seconds: float = seconds
        self.tries: int = tries

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

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain JSON: `content` is base64, as `jsonable` writes bytes."""
        from cocalc_facade._json.form import jsonable

        shown = ("path", "status", "headers", "content", "seconds", "tries")
        found: dict[str, Any] = jsonable({name: getattr(self, name) for name in shown})
        return found

    def json(self) -> Any:
        """Give the plain JSON value of a success; raises the error that the answer means otherwise."""
        if self._error is not None:
            raise self._error
        return self._value

    def parse(self) -> Any:
        """Decode the body, or raise what the typed method would have raised."""
        self.json()
        return self._decode()

    def __repr__(self) -> str:
        return f"<RawAnswer {self.path} {self.status}, {counted(len(self.content), 'byte')}>"
