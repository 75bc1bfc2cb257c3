"""How long a call may take, in seconds. There is always an end."""

from __future__ import annotations

from cocalc_facade._errors import ConfigurationError

MARGIN = 10.0
MOST = 1_000_000.0
"""More than eleven days, and less than what sockets and the server's timers can count."""


def _checked(name: str, value: float) -> float:
    if type(value) is not float and type(value) is not int:
        value = _number(name, value)
    if not 0 < value <= MOST:
        raise ConfigurationError(f"timeout: {name} must be above zero and at most {MOST:.0f} seconds")
    return float(value)


def _number(name: str, value: object) -> float:
    from .values.numeric import real

    number = real(value)
    if number is None:
        raise ConfigurationError(f"timeout: {name} must be a number of seconds, not {type(value).__name__}")
    return number


class Timeout:
    """Limits in seconds: to connect, between two reads, to write, to get a free connection, and for the whole call with its repetitions and waits."""

    __slots__ = ("connect", "phases", "pool", "read", "total", "write")

    def __init__(
        self,
        total: float = 120.0,
        *,
        connect: float = 10.0,
        read: float = 70.0,
        write: float = 30.0,
        pool: float = 60.0,
    ) -> None:
        self.total: float = _checked("total", total)
        self.connect: float = min(_checked("connect", connect), self.total)
        self.read: float = min(_checked("read", read), self.total)
        self.write: float = min(_checked("write", write), self.total)
        self.pool: float = min(_checked("pool", pool), self.total)
        self.phases: dict[str, float | None] = {
            "connect": self.connect,
            "read": self.read,
            "write": self.write,
            "pool": self.pool,
        }

    def __repr__(self) -> str:
        return f"Timeout({self.total}, connect={self.connect}, read={self.read}, write={self.write}, pool={self.pool})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timeout) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))


DEFAULT = Timeout()


def timeout_from(value: Timeout | float) -> Timeout:
    """Give the limits that the argument `timeout` means; a number is the total."""
    if isinstance(value, Timeout):
        return value
    if value is None:
        raise ConfigurationError("timeout must be a number of seconds: a call without an end is not offered")
    return Timeout(value, read=value)


def for_operation(seconds: float | None) -> Timeout:
    """Give the default limits of an operation for which the operation table names `seconds`."""
    if seconds is None:
        return DEFAULT
    if seconds <= DEFAULT.read - MARGIN:
        return DEFAULT
    return Timeout(max(DEFAULT.total, seconds + MARGIN), read=seconds + MARGIN)
