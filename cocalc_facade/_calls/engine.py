"""One call as a flow: check, send, wait and send again, or finish.

A call is sent again only when that cannot do harm: the operation table says that it is idempotent, the request surely never reached the
server, or the server said that it refused it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from cocalc_facade._wire.flow import Answer, Fault, Flow, Send, Sleep

from .answers import judge
from .arguments import body_of
from .timeouts import for_operation, timeout_from

if TYPE_CHECKING:
    from cocalc_v2.types import Found

    from cocalc_facade._errors import CoCalcError
    from cocalc_facade._wire.keys import Key

    from .decoding.raw import RawAnswer
    from .hooks import Watch
    from .retries import Attempt
    from .routes import Route
    from .session import Session
    from .timeouts import Timeout

# Bytes; decoding less at once is not worth the preparation.
LARGE = 32 * 1024
# Bytes; what a server says that has nothing to say fits.
SHORT = 64

_log = logging.getLogger("cocalc_facade")
_log.addHandler(logging.NullHandler())


class Exchange:
    """One call on its way: what is sent, what came, and how often it was tried."""

    __slots__ = (
        "_shown",
        "answer",
        "attempts",
        "error",
        "found",
        "key",
        "result",
        "route",
        "seconds",
        "session",
        "tries",
        "value",
    )

    answer: Answer
    key: Key | None
    value: Any
    error: CoCalcError | None
    result: Any
    found: Found

    def __init__(self, session: Session, route: Route) -> None:
        self.session = session
        self.route = route
        self.error = None
        self.result = None
        self.tries = 0
        self.seconds = 0.0
        self.attempts: list[Attempt] | None = None
        self._shown: Answer | Fault | None = None

    def send(
        self,
        body: bytes,
        timeout: float | Timeout | None = None,
        wait_for_rate: bool = False,
        typed: bool = False,
        check: bool = True,
    ) -> Flow[None]:
        """Send until there is an answer to keep, or no reason to go on. Raises when no answer came.

        With `typed`, a large answer may have its `result` at once, and then has no `value`. Without `check`, any JSON is a value.
        """
        session, route = self.session, self.route
        options = session.options
        if (options.read_only or session.plan is not None) and self._held(body):
            return
        limits = (
            timeout_from(timeout) if timeout is not None else options.timeout or for_operation(route.seconds)
        )
        deadline = min(session.now() + limits.total, session.until)
        if session.resume_at:
            from .retries import pause

            yield from pause(session, route.path, deadline)
        self.key = key = session.key()  # once a call: what is sent is what is taken out of all that is shown
        if key is None and route.needs_key:
            from .cautions import no_key

            no_key()
        send = Send(route.path, body, key, limits.phases, deadline, options.max_response_bytes)
        if deadline == session.until:
            from .retries import left_of_job

            send.timeouts = left_of_job(route, send.timeouts, deadline - session.now())
        watch = self._watch()
        while True:
            self.tries += 1
            self._shown = self.error = None  # what an earlier try came to
            request = None
            if watch is not None:
                request = watch.request(self._path, self._redacted(body), self.tries)
            started = session.now()
            answer: Answer | Fault = yield send
            self.seconds = session.now() - started
            if watch is not None and request is not None:
                watch.response(request, self._visible(answer), self.seconds)
            if _log.isEnabledFor(logging.DEBUG):
                self._note(answer, body)
            if type(answer) is Answer:
                self.answer = answer
                if typed and len(answer.body) >= LARGE and self._decode_at_once():
                    return
                self.value, self.error = judge(answer, route, check)
                if (self.error is not None or not self.value) and len(answer.body) <= SHORT:
                    from .meaning.unreached import unreached

                    self.error = unreached(self.answer, route, self.seconds) or self.error
                if self.error is None:
                    return
                self._judge_what_is_shown(answer, check)
            wait = self._wait(answer, send, wait_for_rate)
            if wait is None:
                return
            yield Sleep(wait)
            from .retries import clip

            send.timeouts = clip(limits.phases, send.deadline - session.now())

    def succeeded(self, arguments: Mapping[str, Any] | None) -> None:
        """Learn from a success what the key may, where keys have capabilities."""
        if self.session.newer and self.tries:
            from .learning.lessons import worked

            worked(self.session.learned, self.route, arguments or {})

    def further_pages(self, arguments: Mapping[str, Any] | None) -> Flow[None]:
        """Let the rows of the pages that follow join `value`."""
        from .decoding.pages import joined

        self.value, self.result = (yield from joined(self, arguments or {})), None

    def _held(self, body: bytes) -> bool:
        """Keep back what would change something, and take what stands in for its answer."""
        from .guarding.holding import hold

        session = self.session
        held = hold(self.route, body, session.plan, session.key, read_only=session.options.read_only)
        if held is None:
            return False
        self.value, self.key = held
        self.answer = Answer(200, {"content-type": "application/json"}, json.dumps(self.value).encode())
        return True

    def _decode_at_once(self) -> bool:
        from .decoding.pieces import typed

        read = typed(self.answer, self.route)
        if read is None:
            return False
        self.result, self.found = read
        return True

    def _watch(self) -> Watch | None:
        options = self.session.options
        if options.on_request is None and options.on_response is None:
            return None
        from .hooks import Watch

        return Watch(self.session.host.address, options.on_request, options.on_response)

    def _wait(self, answer: Answer | Fault, send: Send, wait_for_rate: bool) -> float | None:
        """How long to wait before the next try; None when the answer is to be kept. Raises when there is none."""
        from .retries import Attempt, delay, fault_error

        error = self.error
        if isinstance(answer, Fault):
            error = fault_error(self._visible(answer), self.route)
            self._settle(error)
        assert error is not None
        if not isinstance(answer, Fault):
            from .learning.lessons import refused

            refused(self.session.learned, error, answer)
        wait = delay(self.session, self.route, error, answer, self.tries, send.deadline, wait_for_rate)
        if self.attempts is None:
            self.attempts = []
        self.attempts.append(Attempt(self.tries, error.message, self.seconds, wait))
        error.attempts = tuple(self.attempts)
        if wait is not None:
            words = " ".join(error.message.split())
            _log.info("POST %s: %s; trying again in %.2f s", self._path, words, wait)
        elif isinstance(answer, Fault):
            raise error
        return wait

    def _judge_what_is_shown(self, answer: Answer, check: bool) -> None:
        """Make the error of what may be shown of the answer: what is cut off, counted or kept of it is without the key already."""
        from cocalc_facade._errors import UnexpectedResponse

        from .meaning.shown import is_short

        if is_short(answer) and (shown := self._visible(answer)) is not answer:
            error = judge(shown, self.route, check)[1]
            if type(error) is type(self.error):  # else the mask has broken the JSON around it
                self.error = error
        self._settle(self.error)
        if type(error := self.error) is UnexpectedResponse and error.expected is not None:
            departure = ((), error.expected, error.got or "")
            self.session.mismatches.record(self.route.path, [departure], self.session.options.on_mismatch)

    def _settle(self, error: CoCalcError | None) -> None:
        from cocalc_facade._wire.keys.leaving import Cleaner

        assert error is not None
        Cleaner(self._keys).settle(error)

    def _visible(self, answer: Answer | Fault) -> Any:
        """Give what came back without the key that was sent."""
        if self._shown is None:
            from .meaning.shown import shown

            self._shown = shown(answer, self._keys)
        return self._shown

    def _redacted(self, body: bytes) -> bytes:
        return body if self.key is None else self.key.redact(body)

    @property
    def _path(self) -> str:
        """The path as it may be shown: what is no route may be a key in the wrong place."""
        path = self.route.path
        return path if self.route.known or self.key is None else self.key.redact(path)

    @property
    def _keys(self) -> tuple[Key, ...]:
        return () if self.key is None else (self.key,)

    def _note(self, answer: Answer | Fault, body: bytes) -> None:
        path = self._path
        if type(answer) is Answer:
            outcome: Any = answer.status
        else:
            from cocalc_facade._errors import printable

            outcome = printable(self._visible(answer).message)
        _log.debug("POST %s: %s in %.3f s, try %d", path, outcome, self.seconds, self.tries)
        if self.session.options.log_bodies:
            _log.debug("POST %s: sent %r", path, self._redacted(body))
            if type(answer) is Answer:
                _log.debug("POST %s: got %r", path, self._visible(answer).body)


def call(
    session: Session,
    path: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    timeout: float | Timeout | None = None,
    confirm: bool | None = None,
    check: bool = True,
    wait_for_rate: bool = False,
    repeatable: bool = False,
    any_answer: bool = False,
) -> Flow[Any]:
    """Call a route; gives plain JSON, raises a `CoCalcError`.

    `check=False` sends arguments that the operation table does not know, and takes any JSON for an answer; `any_answer` does only the latter, for
    who looks at the answer with care. With `wait_for_rate` a refusal for rate is waited for as often and as long as the total time allows.
    `repeatable` says that this very request does no harm when it runs twice, whatever the table says of its route.
    """
    route = session.routes[path]
    if repeatable and not route.idempotent:
        route = route.repeatable()
    if route.careful:
        _heed(session, route, confirm)
    exchange = Exchange(session, route)
    yield from exchange.send(
        body_of(route, arguments, check), timeout, wait_for_rate, check=check and not any_answer
    )
    if exchange.error is not None:
        raise exchange.error
    exchange.succeeded(arguments)
    if route.next_page is not None and route.next_page in exchange.answer.headers:
        yield from exchange.further_pages(arguments)
    return exchange.value


def typed(
    session: Session, path: str, arguments: Mapping[str, Any], confirm: bool | None = None
) -> Flow[Any]:
    """Call a route; gives the typed result."""
    route = session.routes[path]
    if route.careful:
        _heed(session, route, confirm)
    exchange = Exchange(session, route)
    yield from exchange.send(body_of(route, arguments), typed=True)
    if exchange.error is not None:
        raise exchange.error
    exchange.succeeded(arguments)
    if route.next_page is not None and route.next_page in exchange.answer.headers:
        yield from exchange.further_pages(arguments)
    if exchange.result is not None:
        return _settled(session, route, exchange.result, exchange.found)
    return decoded(session, route, exchange.value)


def page(
    session: Session, path: str, arguments: Mapping[str, Any], start: int
) -> Flow[tuple[Any, int | None]]:
    """Call a route whose server says where the next page begins; gives the typed result of one page, and that place."""
    from .decoding.pages import body_from, following

    route = session.routes[path]
    if route.careful:
        _heed(session, route, None)
    exchange = Exchange(session, route)
    yield from exchange.send(body_from(start, route, arguments))
    if exchange.error is not None:
        raise exchange.error
    exchange.succeeded(arguments)
    return decoded(session, route, exchange.value), following(exchange, start)


def raw(
    session: Session, path: str, arguments: Mapping[str, Any], confirm: bool | None = None
) -> Flow[RawAnswer]:
    """Call a route; gives the answer undecoded, whatever it means."""
    from .decoding.raw import RawAnswer

    route = session.routes[path]
    if route.careful:
        _heed(session, route, confirm)
    exchange = Exchange(session, route)
    yield from exchange.send(body_of(route, arguments))
    return RawAnswer(
        route,
        exchange.answer,
        exchange.value,
        exchange.error,
        exchange.seconds,
        exchange.tries,
        partial(_decoded_anew, session, route, exchange.answer, exchange.key),
    )


def decoded(session: Session, route: Route, value: Any) -> Any:
    """Give the typed result of a plain JSON value; what departs from the schema is recorded, or raised with `strict`."""
    found: Found = []
    return _settled(session, route, route.decode(value, found), found)


def _settled(session: Session, route: Route, result: Any, found: Found) -> Any:
    """Give a typed result as the caller gets it, after what departed from the schema is recorded, or raised with `strict`."""
    if found:
        from .decoding.mismatches import noted

        options = session.options
        result = noted(session.mismatches, route.path, result, found, options.on_mismatch, options.strict)
    if type(result) is not list:
        return result
    from .decoding.tables import tabled

    return tabled(result)


def _decoded_anew(session: Session, route: Route, answer: Answer, key: Key | None) -> Any:
    """Give the typed result of an answer that was read before; read once more, for decoding uses a value up."""
    try:
        value, _ = judge(answer, route)
        return decoded(session, route, value)
    except BaseException as error:
        from cocalc_facade._wire.keys.leaving import leave

        value = answer = None  # type: ignore[assignment]
        leave(error, () if key is None else (key,))
        raise


def _heed(session: Session, route: Route, confirm: bool | None) -> None:
    """Warn of what will not work, and stop what needs a word of confirmation and did not get it."""
    from .cautions import heed

    heed(route, confirm, session.options.read_only)
