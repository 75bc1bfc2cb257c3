"""From the name of a host to its addresses, in bounded time."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeAlias

from cocalc_facade._wire.hosts import is_loopback

Address: TypeAlias = tuple[int, int, int, str, tuple[Any, ...]]
"""As `socket.getaddrinfo` gives it: family, type, protocol, canonical name, address."""

Answer: TypeAlias = list[Address] | BaseException


def name_of(host: str) -> str:
    """Give the name to look up: whatever ends with localhost is this machine, also where the resolver does not know, or minds a dot at the end."""
    name = host.rstrip(".")
    if not is_loopback(name):
        return host
    return "localhost" if name.lower().endswith("localhost") else name


def known(host: str) -> bool:
    """Whether nobody far away is asked for the address: it is one already, or that of this machine."""
    return is_loopback(host) or ":" in host or host.replace(".", "").isdigit()


def trusted(host: str, found: Iterable[Address]) -> list[Address]:
    """Give the addresses to connect to: for a name of this machine, those of this machine."""
    if not is_loopback(host):
        return [*found]
    own = [address for address in found if is_loopback(str(address[4][0]))]
    if not own:
        raise OSError(f"{host} is not this machine here")
    return own


def resolve(host: str, port: int, seconds: float) -> list[Address]:
    """Give the addresses of a host; `TimeoutError` when they are not known in time, `OSError` when it has none."""
    if known(host):
        return trusted(host, look_up(name_of(host), port))
    answers: SimpleQueue[Answer] = SimpleQueue()
    ask(host, port, answers.put)
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise TimeoutError(f"the name {host} was not resolved in time") from None
    if isinstance(answer, BaseException):
        raise answer
    return answer


def ask(host: str, port: int, answered: Callable[[Answer], object]) -> None:
    """Have the system's resolver asked by a thread, which is left to itself when it takes too long: it cannot be told a limit."""

    def asking() -> None:
        try:
            answered(look_up(host, port))
        except BaseException as error:
            answered(error)

    try:
        Thread(target=asking, name="cocalc-resolver", daemon=True).start()
    except RuntimeError:  # no thread can be had any more, or at all
        asking()


def look_up(name: str, port: int) -> list[Address]:
    """Ask the system."""
    try:
        return [*socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)]
    except UnicodeError:
        raise OSError(f"{name[:80]} is not the name of a host") from None
