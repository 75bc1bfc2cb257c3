"""What a `map` does with one item: a route by its path, a method of ours, or a function of the user's."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cocalc_facade._calls.arguments import body_of
from cocalc_facade._calls.engine import call
from cocalc_facade._calls.routes import clean_path
from cocalc_facade._errors import CoCalcError, ConfirmationRequired, InvalidRequestError
from cocalc_facade._jobs.values.checks import plain_text, refuse, suggestion
from cocalc_facade._wire.flow import Invoke

from .deferred import TYPED, deferred, owner_of

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

LONG = frozenset(("upload", "download"))
"""What reads or writes files here before it sends anything, and is therefore not tried beforehand."""


class Work:
    """What is done with each item: `flow` does it; `check` raises for an item that does not fit, and sends nothing."""

    label: str
    again = False
    """Whether it is one call, which is made again when the server refused it for its rate."""
    sleeps = False
    """Whether it is a job of several calls, which waits between them."""
    given: tuple[Any, ...] = ()
    """What tells it from other work of the same label: the further arguments."""

    def flow(self, item: Any) -> Flow[Any]:
        """Give what is to be run for an item."""
        raise NotImplementedError

    def check(self, item: Any) -> None:
        """Raise for an item that does not fit."""

    def known_by(self, item: Any) -> Any:
        """Give what an item is known again by in a later run: all of it, unless some of it may change meanwhile."""
        return item


class Route(Work):
    """A route by its path: an item is a dictionary of arguments, or the value of the one argument that is needed."""

    again = True

    def __init__(self, session: Session, path: str, named: Mapping[str, Any], confirm: bool) -> None:
        self.label = known_path(path)
        self.given = (dict(named),) if named else ()
        self._session = session
        self._route = session.routes[self.label]
        self._named = named
        self._confirm = confirm
        self._field: str | None = None

    def flow(self, item: Any) -> Flow[Any]:
        return call(self._session, self.label, self._arguments(item), confirm=self._confirm)

    def check(self, item: Any) -> None:
        arguments = self._arguments(item)
        body_of(self._route, arguments)
        operation = self._route.operation
        needed = [field.wire for field in operation.fields if field.required] if operation is not None else []
        for name in needed:
            if name not in arguments:
                raise refuse(name, f"{self.label} needs it, and an item does not have it")

    def _arguments(self, item: Any) -> Mapping[str, Any]:
        if isinstance(item, Mapping):
            return {**self._named, **item} if self._named else item
        if not isinstance(item, str | UUID | int):
            raise TypeError(f"items: expected ids or dictionaries, not {type(item).__name__}")
        if self._field is None:
            operation = self._route.operation
            fields = operation.fields if operation is not None else ()
            needed = [field.wire for field in fields if field.required and field.wire not in self._named]
            self._field = only(self.label, needed)
        return {**self._named, self._field: item} if self._named else {self._field: item}


class Method(Work):
    """A method of ours. What takes keywords only (a route) gets a bare item as the one that is needed; a dictionary has several."""

    def __init__(
        self, session: Session, method: Any, given: Sequence[Any], named: Mapping[str, Any], label: str
    ) -> None:
        self.label = label
        self.again = method.__func__.__module__.startswith(TYPED)
        self.sleeps = not self.again
        self.given = (*given, dict(named)) if given or named else ()
        self._flow = deferred(method, session)
        self._method = method
        self._given = given
        self._named = named
        self._signature = inspect.signature(method)
        self._keywords = all(
            parameter.kind is inspect.Parameter.KEYWORD_ONLY
            for parameter in self._signature.parameters.values()
        )
        self._field: str | None = None
        self._trial = None if method.__name__ in LONG else deferred(method, trial_of(session))

    def flow(self, item: Any) -> Flow[Any]:
        given, named = self._arguments(item)
        return self._flow(*given, **named)

    def check(self, item: Any) -> None:
        given, named = self._arguments(item)
        unknown = [name for name in named if name not in self._signature.parameters]
        if unknown:
            near = suggestion(unknown[0], self._signature.parameters)
            raise refuse(unknown[0], f"{self.label} has no such argument{near}")
        try:
            self._signature.bind(*given, **named)
        except TypeError as error:
            raise TypeError(f"{self.label}: {error}") from None
        if self._trial is None:
            return
        tried(self._trial(*given, **named))

    def _arguments(self, item: Any) -> tuple[Sequence[Any], Mapping[str, Any]]:
        if isinstance(item, Mapping):
            return self._given, {**self._named, **item}
        if not self._keywords:
            return (item, *self._given), self._named
        if not isinstance(item, str | UUID | int):
            raise TypeError(f"items: expected ids or dictionaries, not {type(item).__name__}")
        if self._field is None:
            needed = [
                name
                for name, parameter in self._signature.parameters.items()
                if parameter.default is inspect.Parameter.empty and name not in self._named
            ]
            self._field = only(self.label, needed)
        return (), {**self._named, self._field: item}


class Function(Work):
    """A function of the user's, called with the item. What it raises is the item's error."""

    def __init__(
        self, function: Any, given: Sequence[Any], named: Mapping[str, Any], label: str, asynchronous: bool
    ) -> None:
        self.label = label
        self.given = (function, *given, dict(named))
        self._function = function
        self._given = given
        self._named = named
        self._asynchronous = asynchronous

    def flow(self, item: Any) -> Flow[Any]:
        step = partial(self._function, item, *self._given, **self._named)
        return (yield Invoke(self._awaitable(step) if self._asynchronous else self._value(step)))

    def check(self, item: Any) -> None:
        try:
            signature = inspect.signature(self._function)
        except (TypeError, ValueError):  # some of those that are written in C have none
            return
        try:
            signature.bind(item, *self._given, **self._named)
        except TypeError as error:
            raise TypeError(f"{self.label}: {error}") from None

    def _value(self, step: Callable[[], Any]) -> Callable[[], Any]:
        def work() -> Any:
            found = step()
            if hasattr(found, "__await__"):
                if hasattr(found, "close"):
                    found.close()
                raise Unfit(f"what: {self.label} gives what has to be awaited: use AsyncCoCalc")
            return found

        return work

    def _awaitable(self, step: Callable[[], Any]) -> Callable[[], Any]:
        def work() -> Any:
            found = step()
            if not hasattr(found, "__await__"):
                raise Unfit(f"what: {self.label} is no coroutine function, which AsyncCoCalc needs")
            return found

        return work


class Unfit(TypeError):
    """What was given for `what` is of the wrong kind: it ends the whole map."""


def work_of(
    client: Any,
    what: object,
    given: Sequence[Any],
    named: Mapping[str, Any],
    *,
    confirm: bool,
    asynchronous: bool,
) -> Work:
    """Give the work that `what` stands for."""
    if isinstance(what, str):
        if given:
            raise TypeError("further arguments of a route are given by their names, or in dictionaries")
        return Route(client._session, what, named, confirm)
    if not callable(what):
        raise TypeError(f"what: expected a route, a method or a function, not {type(what).__name__}")
    if confirm:
        named = {**named, "confirm": True}
    label = _label(what)
    owner = owner_of(what)
    session = getattr(owner, "_session", None)
    if session is not None and owner._driver is client._driver:
        return Method(_patient(session), what, given, named, label)
    if asynchronous:
        if owner is not None and not inspect.iscoroutinefunction(what):
            raise TypeError(f"what: {label} is of a CoCalc, and this is an AsyncCoCalc")
    elif inspect.iscoroutinefunction(what):
        raise TypeError(f"what: {label} is a coroutine function: use AsyncCoCalc")
    if inspect.isgeneratorfunction(what) or inspect.isasyncgenfunction(what):
        raise TypeError(f"what: {label} is a generator function, which does nothing when it is called")
    return Function(what, given, named, label, asynchronous)


def tried(flow: Flow[Any]) -> None:
    """Go as far as a flow on `trial_of` a session goes without sending anything, which is where jobs look at their arguments; raises for those that do not fit."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            next(flow)
    except ConfirmationRequired:
        pass
    except (InvalidRequestError, TypeError):
        raise
    except (CoCalcError, OSError, StopIteration):
        pass
    finally:
        flow.close()


def known_path(path: str) -> str:
    """Give the path of a route; one that is not known, and near to one that is, is taken for a mistake."""
    plain_text(path, "what")
    from cocalc_v2.newer import ROUTES as NEWER
    from cocalc_v2.operations import OPERATIONS

    known = [*OPERATIONS, *NEWER]
    spelled = path.strip().removeprefix("client.").replace(".", "/").replace("_", "-")
    try:
        clean = clean_path(path)
    except InvalidRequestError as error:
        error.hint = _near(spelled, known) or error.hint
        raise
    if clean in known:
        return clean
    hint = _near(spelled, known)
    if hint:
        raise refuse(
            "what",
            f"there is no route {clean[:80]!r}",
            f"{hint} To call it all the same: map a function that uses client.call",
        )
    return clean


def only(label: str, needed: Sequence[str]) -> str:
    """Give the one argument that is needed, so that an item may be its bare value."""
    if len(needed) != 1:
        names = ", ".join(needed) or "none that is known"
        raise refuse("items", f"{label} needs {names}: give dictionaries, not bare values")
    return needed[0]


def _near(path: str, known: Sequence[str]) -> str | None:
    from difflib import get_close_matches

    if path in known:
        return f"did you mean {path!r}?"
    ends = [name for name in known if name.endswith(f"/{path}")]
    close = get_close_matches(path, known, n=1, cutoff=0.75) or ends[:1]
    return f"did you mean {close[0]!r}?" if close else None


def _label(what: Any) -> str:
    """Name what is called, the same in every run."""
    if isinstance(what, partial):
        return f"{_label(what.func)}(…)"
    function = getattr(what, "__func__", what)
    name = str(getattr(function, "__name__", type(what).__name__))
    if (getattr(function, "__module__", None) or "").startswith((TYPED, "cocalc_facade.")):
        target = getattr(what, "__self__", None)
        of = vars(target).get("project_id") if target is not None else None
        group = type(target).__name__.removeprefix("Async")
        if of is not None:
            return f"{group}({of}).{name}"
        return f"client.{name}" if hasattr(target, "_session") else f"{group}.{name}"
    return str(getattr(function, "__qualname__", name)).replace("<locals>.", "")


def _patient(session: Session) -> Session:
    """Give the same session for a job that shares the rates of the server with others: it waits as long as it is told."""
    other = session.view({})
    other.patient = True
    return other


def trial_of(session: Session) -> Session:
    """Give a session on which a flow comes to its first step without asking for a key, and without anybody's noticing."""
    other = session.view({"on_request": None, "on_response": None})
    other.key = _no_key  # type: ignore[assignment]
    other.plan = None
    return other


def _no_key() -> None:
    return None
