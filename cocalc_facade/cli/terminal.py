"""What a command has to do with whoever started it: the options of all commands, the client, questions, and its result."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from .ending import FAILED, say

if TYPE_CHECKING:
    from cocalc_facade import CoCalc
    from cocalc_facade._calls.hooks import Request

    from .output import Form


LOOK = 0.1
"""Seconds from one look for an answer, and for Ctrl-C, to the next."""


class Terminal:
    """One run of the command line. `connect` makes the client, with the arguments of `CoCalc`."""

    def __init__(self, connect: Callable[..., CoCalc] | None = None) -> None:
        self.profile: str | None = None
        self.host: str | None = None
        self.timeout: float | None = None
        self.read_only = False
        self.dry_run = False
        self.yes = False
        self.json = False
        self.fields: tuple[str, ...] = ()
        self._connect = connect
        self._client: CoCalc | None = None
        self._changed = False

    @property
    def client(self) -> CoCalc:
        """The client, made when it is first needed."""
        if self._client is None:
            given: dict[str, Any] = {"dry_run": self.dry_run}
            if self.read_only:
                given["read_only"] = True
            if self.host is not None:
                given["base_url"] = self.host
            if self.timeout is not None:
                given["timeout"] = self.timeout
            if self.profile is not None:
                given["_profile"] = self.profile
            if self.fields:
                given["on_request"] = self._sent
            if self._connect is None:
                from cocalc_facade import CoCalc

                self._client = CoCalc(**given)
            else:
                self._client = self._connect(**given)
        return self._client

    @property
    def interactive(self) -> bool:
        """Whether somebody is there who can answer."""
        return _is_terminal(sys.stdin) and _is_terminal(sys.stderr)

    @property
    def watched(self) -> bool:
        """Whether somebody sees what is said on stderr, such as progress."""
        return _is_terminal(sys.stderr)

    @property
    def width(self) -> int | None:
        """The columns of the terminal; None: it is none, and nothing has to be cut."""
        if not _is_terminal(sys.stdout):
            return None
        from shutil import get_terminal_size

        return get_terminal_size().columns

    @property
    def coloured(self) -> bool:
        """Whether there may be colours."""
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        return not plain and _is_terminal(sys.stdout)

    @property
    def _form(self) -> Form:
        from .output import Form

        return Form(self.json, self.fields, self.width, self.coloured)

    def note(self, words: str) -> None:
        """Tell who watches what takes time."""
        if self.watched:
            say(words)

    def confirm(self, words: str) -> None:
        """Ask whether to do what cannot be undone; `words` complete "this …".

        Nothing is asked with `--yes`, and where nothing will be done. Without a terminal it is refused.

        Raises:
            ConfirmationRequired: nobody said yes.
        """
        if self.yes or self.dry_run or self.read_only:
            return
        if self.interactive and _yes(f"This {words}. Go on? [y/N]: "):
            return
        self._refuse(words)

    def _refuse(self, words: str) -> NoReturn:
        from cocalc_facade import ConfirmationRequired

        hint = None if self.interactive else "say --yes"
        raise ConfirmationRequired(f"this {words}, and was not confirmed; nothing was done", hint=hint)

    def meant(self, error: BaseException) -> BaseException:
        """Give the error to tell: a server that takes no anonymous call, of whoever has no key at all, speaks of the configuration here."""
        if self._client is None or self._client._session.key() is not None:
            return error
        from cocalc_facade import AuthenticationError, ConfigurationError
        from cocalc_facade._wire.keys import WHERE

        if not isinstance(error, AuthenticationError):
            return error
        return ConfigurationError("there is no API key, and this call needs one", hint=WHERE)

    def show(self, value: Any) -> None:
        """Write a result to stdout. In a dry run that would have changed something, `finish` writes what instead."""
        if self._planned():
            return
        if hasattr(value, "__len__") and len(value) == 0:
            self.note("there is nothing to show")
        from .output import UnknownField, show

        try:
            show(self._form, value)
        except UnknownField as error:
            if not self._changed:
                raise
            show(self._form._replace(fields=()), value)
            say(f"it was done, and all fields are shown; {error.message}")
            raise SystemExit(FAILED) from None

    def _sent(self, request: Request) -> None:
        """Note whether something may have been changed: then a wrong name is no reason to do it again, nor to keep what came back."""
        from cocalc_facade._calls.guarding.changing import change
        from cocalc_facade._calls.routes import Routes

        self._changed = self._changed or change(Routes()[request.path], request.body) is not None

    def finish(self) -> None:
        """Write what a dry run would have changed, and close the connections."""
        if self._client is None:
            return
        planned = self._planned()
        self._client.close()
        if planned:
            from .output import show, write

            if self.json or self.fields:
                show(self._form, list(planned))
            else:
                write("".join(f"would call {call}\n" for call in planned))

    def _planned(self) -> tuple[Any, ...]:
        return self._client.planned if self._client is not None else ()


def _yes(question: str) -> bool:
    """Ask, and tell whether the answer is yes. The end of the input is no."""
    try:
        sys.stderr.write(question)
        sys.stderr.flush()
        _wait_for_a_line()
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        raise
    if not answer.endswith("\n"):
        sys.stderr.write("\n")
    return answer.strip().lower() in ("y", "yes")


def _wait_for_a_line() -> None:
    """Wait until the terminal has a line. Reading alone would not hear a Ctrl-C that comes just before it begins."""
    if sys.platform == "win32":  # where only sockets can be waited for
        return
    from select import select

    while not select([sys.stdin], [], [], LOOK)[0]:
        pass


def _is_terminal(stream: Any) -> bool:
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError, OSError):  # it is closed, or none
        return False
