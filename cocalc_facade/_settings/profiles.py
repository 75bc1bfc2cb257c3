"""Profiles: what a file says of each server that somebody uses, checked field by field."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import attrs

from cocalc_facade._calls.options import Options
from cocalc_facade._calls.timeouts import timeout_from
from cocalc_facade._calls.values.naming import meant
from cocalc_facade._errors import ConfigurationError
from cocalc_facade._wire.hosts import looks_like_key, parse_host
from cocalc_facade._wire.keys import NO_KEY, Key, KeySource, fixed
from cocalc_facade._wire.keys.files import cautions_of, read
from cocalc_facade._wire.keys.redaction import RUN, mask_likely

from .place import config_file

MOST = 1_000_000
"""Bytes; no file of profiles is as long."""

KEYS = ("api_key", "key_env", "key_file", "key_keyring")
OF_OPTIONS = (
    "log_bodies",
    "max_rate_wait",
    "max_response_bytes",
    "max_retries",
    "read_only",
    "strict",
    "timeout",
)
OF_TRANSPORT = ("allow_plain_http", "auth", "max_connections")
FIELDS = ("host", *KEYS, *OF_OPTIONS, *OF_TRANSPORT)
OTHER_NAMES = {
    **dict.fromkeys(("api_url", "base_url", "server", "url"), "did you mean 'host'?"),
    **dict.fromkeys(
        ("key", "password", "secret", "token"),
        "a key is given by key_file, key_env or key_keyring; api_key is the key itself",
    ),
}
"""How other programs call some of the fields."""
FLAGS = frozenset({"allow_plain_http", "log_bodies", "read_only", "strict"})


@attrs.frozen(repr=False)
class Profile:
    """What a profile says: the host, the options, and how to get at the key. `cautions` is what users should hear of the file."""

    name: str
    file: Path
    host: str | None
    options: Mapping[str, Any]
    cautions: tuple[str, ...]
    _key: Key | tuple[str, str] | None

    @property
    def has_key(self) -> bool:
        """Whether the profile says where its key is."""
        return self._key is not None

    def key(self) -> KeySource:
        """Give the key of the profile, from where it says that it is."""
        if self._key is None:
            return KeySource(NO_KEY, lambda: None)
        if isinstance(self._key, Key):
            return fixed(self._key)
        field, value = self._key
        what = f"{self.file}: profile {self.name!r}: {field}"
        cautions: tuple[str, ...] = ()
        if field == "key_file":
            text, cautions = read(str(self.file.parent / _expanded(value, what)), what)
        elif field == "key_env":
            text = os.environ.get(value) or _refuse(f"{what}: the variable {value} is not set")
        else:
            from .keychain import key_from_keyring

            text = key_from_keyring(value, what)
        return fixed(Key(text, what), cautions)


def _expanded(value: str, what: str) -> Path:
    try:
        expanded: Path | None = Path(value).expanduser()
    except RuntimeError:
        expanded = None
    if expanded is None:
        _refuse(f"{what}: nobody knows the home folder in {value[:80]!r}", "give the whole path")
    return expanded


def load(name: str, *, told: bool) -> Profile:
    """Give a profile; with an empty name the one that the file names as `default`. `told`: the name was an argument, not COCALC_PROFILE.

    Raises:
        ConfigurationError: there is no such file or profile, or something in it makes no sense.
    """
    if not isinstance(name, str):
        _refuse(f"the name of a profile must be text, not {type(name).__name__}")
    file = config_file()
    content, writable, readable = _read(file)
    found = content.get("profiles", {})
    if not isinstance(found, dict) or not all(isinstance(row, dict) for row in found.values()):
        _refuse(f"{file}: profiles are tables, such as [profiles.school]")
    for top in content.keys() - {"profiles", "default"}:
        _refuse(f"{file}: there is nothing that is called {top!r}", _meant(top, ("profiles", "default")))
    default = content.get("default", "")
    if not isinstance(default, str):
        _refuse(f"{file}: default must be the name of a profile")
    chosen = name or default
    if not chosen:
        _refuse(f"{file} names no default profile", 'give the name, set COCALC_PROFILE, or add default = "…"')
    if chosen not in found:
        hint = _meant(chosen, found)
        if name and not told:
            hint += "; the name is from COCALC_PROFILE, which CoCalc's own command line reads too"
        _refuse(f"{file} has no profile {chosen[:80]!r}", hint)
    return _profile(file, chosen, found[chosen], writable, readable)


def _read(file: Path) -> tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]:
    """Give what the file holds, and what users should hear of who can write to it and read it."""
    content: dict[str, Any] = {}
    writable: tuple[str, ...] = ()
    readable: tuple[str, ...] = ()
    try:
        with file.open("rb") as opened:
            data = opened.read(MOST + 1)
            writable, readable = cautions_of(str(file), opened.fileno(), str(file))
        reason = "it is too large" if len(data) > MOST else ""
        content = tomllib.loads(data.decode("utf-8-sig")) if not reason else {}
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except UnicodeDecodeError:
        reason = "it is not UTF-8"
    except tomllib.TOMLDecodeError as error:
        reason = f"it is not TOML: {error.args[0]}"
    except RecursionError:
        reason = "it is nested too deeply"
    # Raised outside of the handlers: some of those errors hold the whole text, which may have a key in it.
    if reason:
        _refuse(f"{file} cannot be read: {reason}", "profiles are described in docs/configuration.md")
    return content, writable, readable


def _profile(
    file: Path, name: str, row: dict[str, Any], writable: tuple[str, ...], readable: tuple[str, ...]
) -> Profile:
    where = f"{file}: profile {name!r}"
    for field in row:
        if field not in FIELDS:
            hint = OTHER_NAMES.get(field.lower()) or _meant(field, FIELDS)
            _refuse(f"{where}: there is no field {field[:80]!r}", hint)
    options = {
        field: _option(where, field, row[field]) for field in (*OF_OPTIONS, *OF_TRANSPORT) if field in row
    }
    host = row.get("host")
    if host is not None:
        _text(where, "host", host)
        # Whether the key may go there in clear is asked when all is known that may allow it.
        _tried(where, lambda: parse_host(host, allow_plain_http=True, what="host"))
    ways = [field for field in KEYS if field in row]
    if len(ways) > 1:
        _refuse(f"{where}: {ways[0]} and {ways[1]} both give the key", "keep one of them")
    key: Key | tuple[str, str] | None = None
    cautions = writable
    if ways:
        field = ways[0]
        _text(where, field, row[field])
        if field == "api_key":
            key = Key(row[field], f"{where}: api_key")
            cautions = (
                f"{where}: api_key holds the key in plain text; key_file, key_env or key_keyring keeps it elsewhere",
                *writable,
                *readable,
            )
        elif looks_like_key(row[field].strip()):
            _refuse(f"{where}: {field} is a key, and not where a key is", "api_key is for the key itself")
        else:
            key = (field, row[field])
    return Profile(name, file, host, options, cautions, key)


def _option(where: str, field: str, value: Any) -> Any:
    """Give the value of an option, as the client takes it."""
    if field in FLAGS:
        if not isinstance(value, bool):
            _refuse(f"{where}: {field} must be true or false, not {type(value).__name__}")
        return value
    if field == "auth":
        if value not in ("basic", "bearer"):
            _refuse(f"{where}: auth must be 'basic' or 'bearer'")
    elif field == "max_connections":
        if type(value) is not int or value < 1:
            _refuse(f"{where}: max_connections must be a positive whole number")
    elif field == "timeout":
        _tried(where, lambda: timeout_from(value))
    else:
        _tried(where, lambda: Options(**{field: value}))
    return value


def _tried(where: str, check: Any) -> None:
    """Say of what a check refuses where that stands."""
    try:
        check()
        return
    except ConfigurationError as error:
        message, hint = error.message, error.hint
    _refuse(f"{where}: {message}", hint)


def _text(where: str, field: str, value: Any) -> None:
    if not isinstance(value, str) or not value.strip():
        _refuse(f"{where}: {field} must be text, and not empty")


def _meant(word: str, known: Iterable[str]) -> str:
    names = list(known)
    return meant(word, names, f"there are {', '.join(names)}" if names else "there are none yet")


def _refuse(message: str, hint: str | None = None) -> NoReturn:
    # What stands in the wrong place of the file may be a key.
    raise ConfigurationError(mask_likely(message, RUN), hint=hint and mask_likely(hint, RUN))
