"""The API key: where it comes from, what is wrong with it, and how it is kept out of sight."""

from __future__ import annotations

import os
from binascii import b2a_base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn, overload

from cocalc_facade._errors import ConfigurationError
from cocalc_facade._wire.hosts import looks_like_key

from .logs import hide

if TYPE_CHECKING:
    from .redaction import Look

WHERE = (
    "make one in CoCalc under Account, Preferences, API Keys, and give it as api_key= or in COCALC_API_KEY"
)
GIVEN = "the API key"
NO_KEY = "no key"
PREFIXES = {
    "sk-cc-v2.": "scoped",
    "sk-cocalc-v2": "scoped",
    "sk_": "legacy account",
    "sk-": "account or project",
}
"""How keys begin, the longer first; what follows is secret."""
COROUTINE = 0x80
"""The flag of the code of an `async def`, as `inspect` names it; to import that costs more than to make a client."""

RECENT = 16
"""How many keys a source remembers; a rotated one may come back in the answer of a job that began with it."""
ASYNCHRONOUS = (
    "the callable given as api_key is asynchronous",
    "give an ordinary function, for example one that gives what a task of yours renews",
)


class Key:
    """A checked key. Its text stands nowhere in clear: `header` and `redact` put it together for the moment that they need it."""

    __slots__ = ("__weakref__", "_look", "_masked", "_pad", "_size", "kind")

    kind: str

    def __init__(self, text: str, what: str = GIVEN) -> None:
        check(text, what)
        self.kind = kind_of(text)
        self._size = len(text)
        self._pad = int.from_bytes(os.urandom(self._size))
        self._masked = int.from_bytes(text.encode()) ^ self._pad
        self._look: Look | None = None
        hide(self)

    def header(self, scheme: str) -> str:
        """Give the value of the header that authorizes a request."""
        if scheme == "bearer":
            return "Bearer " + self._plain().decode()
        return "Basic " + b2a_base64(self._plain() + b":", newline=False).decode()

    def cookie(self) -> str | None:
        """Give the key as a cookie's value, where that can hold it as it is; else None."""
        plain = self._plain().decode()
        return plain if plain.replace("-", "").replace("_", "").replace(".", "").isalnum() else None

    @overload
    def redact(self, shown: str) -> str: ...

    @overload
    def redact(self, shown: bytes) -> bytes: ...

    def redact(self, shown: str | bytes) -> str | bytes:
        """Give what is to be shown without the key, in whatever form it is in there; the same object when it is not."""
        from .redaction import look_for, redacted

        if self._look is None:
            self._look = look_for(self._plain(), self._public)
        data = shown.encode("utf-8", "surrogatepass") if isinstance(shown, str) else shown
        clean = redacted(data, self._look, lambda: (self._plain(), self._public))
        if clean is data:
            return shown
        return clean.decode("utf-8", "surrogatepass") if isinstance(shown, str) else clean

    @property
    def _public(self) -> int:
        """How many of its first characters are no secret."""
        return next((len(prefix) for prefix in PREFIXES if self._plain().startswith(prefix.encode())), 0)

    def _plain(self) -> bytes:
        return (self._masked ^ self._pad).to_bytes(self._size)

    def __repr__(self) -> str:
        return f"<{self.kind} key>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an API key is not pickled or copied")


class KeySource:
    """What gives the key, asked once for each call.

    `recent` are the last keys that it gave, for what may repeat them later; `cautions` are what users should hear of where the key comes from, `variable`
    is what of the environment it comes from.
    """

    __slots__ = ("_ask", "cautions", "kind", "recent", "variable")

    def __init__(
        self,
        kind: str,
        ask: Callable[[], Key | None],
        cautions: tuple[str, ...] = (),
        recent: tuple[Key, ...] = (),
        variable: str = "",
    ) -> None:
        self.kind = kind
        self.variable = variable
        self.cautions = cautions
        self.recent = recent
        self._ask = ask

    def __call__(self) -> Key | None:
        key = self._ask()
        if key is not None and key not in self.recent:
            self.recent = (key, *self.recent[: RECENT - 1])
        return key

    def __repr__(self) -> str:
        return f"<{self.kind}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("what gives an API key is not pickled or copied")


def source(api_key: str | Callable[[], str] | None) -> KeySource:
    """Give the key from the argument, a callable (asked once for each call), the environment, or a file that it names."""
    if callable(api_key):
        ask = api_key
        code = getattr(ask, "__code__", None)
        if getattr(code, "co_flags", 0) & COROUTINE:
            _refuse(*ASYNCHRONOUS)
        return KeySource("key from a callable", lambda: _asked(ask))
    if api_key is not None:
        return fixed(Key(api_key))
    key, cautions, variable = _from_environment()
    return KeySource(NO_KEY, lambda: None) if key is None else fixed(key, cautions, variable)


def fixed(key: Key, cautions: tuple[str, ...] = (), variable: str = "") -> KeySource:
    """Give what gives always the same key."""
    return KeySource(f"{key.kind} key", lambda: key, cautions, (key,), variable)


def check(text: str, what: str = GIVEN) -> str:
    """Give the key as the server takes it; `ConfigurationError` says what is wrong, without showing it. `what` names the key."""
    if not isinstance(text, str):
        _refuse(f"{what} must be text, not {type(text).__name__}")
    if not text.strip():
        _refuse(f"{what} is empty", WHERE)
    if text != text.strip():
        _refuse(f"{what} has white space around it", "copy it without the blank or line end")
    if text[0] in "\"'`" or text[-1] in "\"'`":
        _refuse(f"{what} has quotes around it", "remove them")
    if text.lower().startswith(("bearer ", "basic ")):
        _refuse(f"{what} starts with the name of a scheme", "give the key alone, without 'Bearer' or 'Basic'")
    if "://" in text:
        _refuse(f"{what} looks like an address", "the address is the argument base_url")
    if not text.isascii():
        _refuse(f"{what} has characters that no key has (not ASCII)", "copy it again")
    if not text.isprintable():
        _refuse(f"{what} has control characters", "copy it again")
    if " " in text:
        _refuse(f"{what} has white space in it", "copy it again")
    if looks_like_key(text.partition("=")[2]):
        _refuse(f"{what} has a name before it, as in a file of variables", "give what follows on the =")
    if text.startswith(":"):
        _refuse(f"{what} is in the password half", "the key is the user name; remove the colon before it")
    if text.endswith(":"):
        _refuse(f"{what} ends with a colon", "remove the colon")
    if ":" in text:
        if looks_like_key(text.split(":", 1)[1]):
            _refuse(f"{what} is in the password half", "the key is the user name; give it alone")
        _refuse(f"{what} has a colon in it, after which the server reads nothing", "give the key alone")
    return text


def kind_of(text: str) -> str:
    """`legacy account` (sk_…), `scoped` (sk-cc-v2…, newer servers), `account or project` (sk-…), or `unrecognised`."""
    return next((kind for prefix, kind in PREFIXES.items() if text.startswith(prefix)), "unrecognised")


def _asked(ask: Callable[[], Any]) -> Key:
    """Ask a callable. What goes wrong in it is its own fault and none of the wire: nothing was sent."""
    try:
        given = ask()
    except Exception as error:
        from cocalc_facade._wire.interrupts import raised_by_a_handler

        if raised_by_a_handler(error):
            raise
        raise ConfigurationError(
            f"the callable given as api_key raised {type(error).__name__}", hint="nothing was sent"
        ) from error
    if hasattr(given, "__await__"):
        if hasattr(given, "close"):
            given.close()  # so that Python does not complain that nobody awaited it
        _refuse(*ASYNCHRONOUS)
    return Key(given, "the API key from the callable")


def _from_environment() -> tuple[Key | None, tuple[str, ...], str]:
    text = os.environ.get("COCALC_API_KEY")
    if text:
        return Key(text, "the API key in COCALC_API_KEY"), (), "COCALC_API_KEY"
    name = os.environ.get("COCALC_API_KEY_FILE")
    if not name:
        return None, (), ""
    from .files import read

    text, cautions = read(name, "COCALC_API_KEY_FILE")
    return Key(text, f"the API key in {name} (COCALC_API_KEY_FILE)"), cautions, "COCALC_API_KEY_FILE"


def _refuse(message: str, hint: str | None = None) -> NoReturn:
    raise ConfigurationError(message, hint=hint) from None
