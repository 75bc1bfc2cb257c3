"""The file that holds a key: read whole or not at all, and looked at for who else can read or change it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cocalc_facade._errors import ConfigurationError

MOST = 4096
"""Bytes; no key is as long."""

MOUNTS = ("/run/secrets", "/var/run/secrets")
"""Where containers are given secrets, with modes that nobody in there can change."""


def read(name: str, what: str) -> tuple[str, tuple[str, ...]]:
    """Give the text of the file without white space and byte order mark around it, and what users should hear of its place. `what` names the setting that leads there.

    Raises:
        ConfigurationError: it cannot be read, is no text, or holds more than a key.
    """
    text = ""
    cautions: tuple[str, ...] = ()
    try:
        with Path(name).open("rb") as file:
            content = file.read(MOST + 1)
            writable, readable = cautions_of(name, file.fileno(), f"{what}: {name}")
            cautions = (*writable, *readable)
        reason = "it is too large for a key" if len(content) > MOST else ""
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig").strip()
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except UnicodeDecodeError:
        reason = "it is not text"
    except ValueError:
        reason = "its name has a NUL character"
    if reason:
        raise ConfigurationError(f"{what}: {name} cannot be read: {reason}")
    return text, cautions


def cautions_of(name: str, descriptor: int, what: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Say of an open file who else can write to it or put another in its place, and who can read it. `what` begins each sentence."""
    if os.name != "posix" or _given(name, descriptor):
        return (), ()
    state = os.fstat(descriptor)
    readable = (
        ("can be read by everybody on this machine: chmod 600",) if state.st_mode & stat.S_IROTH else ()
    )
    return tuple(f"{what} {words}" for words in _open_ways(name, state)), tuple(
        f"{what} {words}" for words in readable
    )


def _given(name: str, descriptor: int) -> bool:
    """Tell whether a container gives the file: it lies where they give secrets, or on a mount that cannot be written to."""
    place = Path(name).resolve()
    if any(place.is_relative_to(mount) for mount in MOUNTS):
        return True
    return bool(os.fstatvfs(descriptor).f_flag & os.ST_RDONLY)


def _open_ways(name: str, state: os.stat_result) -> list[str]:
    """Say who else can write to the file, or put another in its place."""
    found = []
    if state.st_uid not in (0, os.geteuid()):
        found.append("belongs to another user, who can change it")
    if state.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        found.append("can be written to by others: chmod go-w")
    elif any(
        _open_to_others(folder) for folder in {Path(name).absolute().parent, Path(name).resolve().parent}
    ):
        found.append("lies in a folder where others can put another file in its place")
    return found


def _open_to_others(folder: Path) -> bool:
    mode = folder.stat().st_mode
    return bool(mode & (stat.S_IWGRP | stat.S_IWOTH)) and not mode & stat.S_ISVTX
