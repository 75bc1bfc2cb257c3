"""The API key: where it comes from, what is wrong with it, and how it is kept out of sight."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import NoReturn

from cocalc_facade._errors import ConfigurationError

from .hosts import looks_like_key

WHERE = "make one under Settings, API keys, and give it as api_key= or in COCALC_API_KEY"


class Key:
    """A checked key. Its text is in closures only: `header(scheme)` gives the header's value, `redact(text)` the text without it."""

    __slots__ = ("header", "kind", "redact")

    kind: str
    header: Callable[[str], str]
    redact: Callable[[str], str]

    def __init__(self, text: str) -> None:
        text = check(text)
        self.kind = kind_of(text)

        def header(scheme: str) -> str:
            if scheme == "bearer":
                return f"Bearer {text}"
            return "Basic " + b64encode(f"{text}:".encode()).decode()

        def redact(shown: str) -> str:
            return shown.replace(text, "***").replace(b64encode(f"{text}:".encode()).decode(), "***")

        self.header = header
        self.redact = redact

    def __repr__(self) -> str:
        return f"<{self.kind} key>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an API key is not pickled")


class KeySource:
    """What gives the key for each call."""

    __slots__ = ("_ask", "kind")

    def __init__(self, kind: str, ask: Callable[[], Key | None]) -> None:
        self.kind = kind
        self._ask = ask

    def __call__(self) -> Key | None:
        return self._ask()

    def __repr__(self) -> str:
        return f"<{self.kind}>"


def source(api_key: str | Callable[[], str] | None) -> KeySource:
    """Give the key from the argument, a callable (asked for each call), the environment, or a file that it names."""
    if callable(api_key):
        ask = api_key
        return KeySource("key from a callable", lambda: Key(ask()))
    key = _from_environment() if api_key is None else Key(api_key)
    return KeySource("no key" if key is None else f"{key.kind} key", lambda: key)


def check(text: str) -> str:
    """Give the key as the server takes it; `ConfigurationError` says what is wrong, without showing it."""
    if not isinstance(text, str):
        _refuse(f"the API key must be text, not {type(text).__name__}")
    if not text.strip():
        _refuse("the API key is empty", WHERE)
    if text != text.strip():
        _refuse("the API key has white space around it", "copy it without the blank or line end")
    if text[0] in "\"'`" or text[-1] in "\"'`":
        _refuse("the API key has quotes around it", "remove them")
    if text.lower().startswith(("bearer ", "basic ")):
        _refuse(
            "the API key starts with the name of a scheme", "give the key alone, without 'Bearer' or 'Basic'"
        )
    if "://" in text:
        _refuse("the API key looks like an address", "the address is the argument base_url")
    if not text.isascii():
        _refuse("the API key has characters that no key has (not ASCII)", "copy it again")
    if not text.isprintable():
        _refuse("the API key has control characters", "copy it again")
    if " " in text:
        _refuse("the API key has white space in it", "copy it again")
    if text.startswith(":"):
        _refuse("the API key is in the password half", "the key is the user name; remove the colon before it")
    if text.endswith(":"):
        _refuse("the API key ends with a colon", "remove the colon")
    if ":" in text:
        if looks_like_key(text.split(":", 1)[1]):
            _refuse("the API key is in the password half", "the key is the user name; give it alone")
        _refuse("the API key has a colon in it, after which the server reads nothing", "give the key alone")
    return text


def kind_of(text: str) -> str:
    """`legacy` (sk_…), `scoped` (sk-cc-v2…, newer servers), `account or project` (sk-…), or `unrecognised`."""
    if text.startswith("sk_"):
        return "legacy account"
    if text.startswith(("sk-cc-v2.", "sk-cocalc-v2")):
        return "scoped"
    if text.startswith("sk-"):
        return "account or project"
    return "unrecognised"


def _from_environment() -> Key | None:
    import os

    text = os.environ.get("COCALC_API_KEY")
    if text:
        return Key(text)
    name = os.environ.get("COCALC_API_KEY_FILE")
    return Key(_read(name)) if name else None


def _read(name: str) -> str:
    import os
    import stat

    try:
        with open(name, encoding="utf-8") as file:  # noqa: PTH123 - one open, so that what is checked is what is read
            mode = os.fstat(file.fileno()).st_mode
            if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
                _refuse(
                    f"COCALC_API_KEY_FILE: {name} can be read by others",
                    f"make it yours alone: chmod 600 {name}",
                )
            text = file.read(4096)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        _refuse(f"COCALC_API_KEY_FILE: {name} cannot be read: {reason}")
    return text.strip()


def _refuse(message: str, hint: str | None = None) -> NoReturn:
    raise ConfigurationError(message, hint=hint) from None
