"""What can be set for a client and for a view of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial, update_wrapper, wraps
from types import MethodType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from cocalc_facade._errors import ConfigurationError

__all__ = ["LIMIT", "Options", "gives_a_handle", "known_names", "one_of_few"]

P = ParamSpec("P")
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

if TYPE_CHECKING:
    from .decoding.mismatches import Mismatch
    from .hooks import Request, Response
    from .timeouts import Timeout

LIMIT = 256 * 1024 * 1024


def known_names(method: Callable[P, T]) -> Callable[P, T]:
    """Give a constructor that says of an option which it does not have what was meant."""
    code = method.__code__
    known = frozenset(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])

    @wraps(method)
    def checked(*args: P.args, **options: P.kwargs) -> T:
        try:
            if not options.keys() <= known:
                from .values.naming import unknown_option

                raise unknown_option(type(args[0]).__name__, min(options.keys() - known), known)
            return method(*args, **options)
        finally:
            del (
                args,
                options,
            )  # the traceback of what is raised holds this frame, and there may be a key in it

    return checked


def gives_a_handle(method: F) -> F:
    """Let a method say, when it is not called but asked for what its handle has, that it wants to be called."""
    return cast("F", _Giving(method))


class _Giving:
    def __init__(self, method: Callable[..., Any]) -> None:
        self._method = method
        update_wrapper(self, method)  # for doctest and others that look at classes

    def __call__(self, *args: Any, **named: Any) -> Any:
        return self._method(*args, **named)

    def __get__(self, instance: Any, owner: type) -> Any:
        return self._method if instance is None else _Uncalled(self._method, instance)


if TYPE_CHECKING:
    from builtins import property as one_of_few
else:

    def one_of_few(method: Callable[[Any], Any]) -> property:
        """Give a property that gives one of a few words.

        Jedi reads what a property says that it gives, and fails on a `Literal`: it would complete nothing of the object. A partial says nothing.
        """
        get = update_wrapper(
            partial(method), method, ("__doc__", "__module__", "__name__", "__qualname__"), ()
        )
        del get.__wrapped__
        return property(get, doc=method.__doc__)


class _Uncalled:
    """A method of an object. Python's own cannot be derived from, so it only says that it is one."""

    __class__ = MethodType  # type: ignore[assignment]

    def __init__(self, method: Callable[..., Any], instance: Any) -> None:
        self.__func__ = method
        self.__self__ = instance
        self.__wrapped__ = method.__get__(instance)
        self.__doc__ = method.__doc__

    def __call__(self, *args: Any, **named: Any) -> Any:
        return self.__wrapped__(*args, **named)

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__":
            return getattr(self.__wrapped__, name)
        from .values.naming import uncalled

        raise uncalled(self.__func__, self.__self__, name)

    def __repr__(self) -> str:
        return repr(self.__wrapped__)


def whole(value: Any) -> int | None:
    """Give the whole number that an option is set to, of Python or of a library of numbers; None for what is none."""
    if type(value) is int:
        return value
    from .values import numeric

    return numeric.whole(value)


def _seconds(value: Any) -> float | None:
    if type(value) is float or type(value) is int:
        return value
    from .values import numeric

    return numeric.real(value)


class Options:
    """What can be set per client and per view. `timeout` None means the defaults, which are longer for slow operations."""

    __slots__ = (
        "dry_run",
        "log_bodies",
        "max_rate_wait",
        "max_response_bytes",
        "max_retries",
        "on_mismatch",
        "on_request",
        "on_response",
        "read_only",
        "strict",
        "timeout",
    )

    def __init__(
        self,
        *,
        timeout: Timeout | None = None,
        max_retries: int = 2,
        strict: bool = False,
        on_mismatch: Callable[[Mismatch], object] | None = None,
        on_request: Callable[[Request], object] | None = None,
        on_response: Callable[[Response], object] | None = None,
        log_bodies: bool = False,
        max_rate_wait: float = 60.0,
        max_response_bytes: int = LIMIT,
        read_only: bool = False,
        dry_run: bool = False,
    ) -> None:
        if (retries := whole(max_retries)) is None or retries < 0:
            raise ConfigurationError("max_retries must be a whole number, 0 or more")
        if (size := whole(max_response_bytes)) is None or size < 1:
            raise ConfigurationError("max_response_bytes must be a positive whole number")
        if (wait := _seconds(max_rate_wait)) is None or not wait >= 0:
            raise ConfigurationError("max_rate_wait must be a number of seconds, 0 or more")
        for name, hook in (
            ("on_mismatch", on_mismatch),
            ("on_request", on_request),
            ("on_response", on_response),
        ):
            if hook is not None and not callable(hook):
                raise ConfigurationError(f"{name} must be callable, not {type(hook).__name__}")
        for name, choice in (("read_only", read_only), ("dry_run", dry_run)):
            if not isinstance(choice, bool):
                raise ConfigurationError(f"{name} must be True or False, not {type(choice).__name__}")
        self.read_only = read_only
        self.dry_run = dry_run
        self.timeout = timeout
        self.max_retries = retries
        self.strict = bool(strict)
        self.on_mismatch = on_mismatch
        self.on_request = on_request
        self.on_response = on_response
        self.log_bodies = log_bodies
        self.max_rate_wait = wait
        self.max_response_bytes = size

    def with_changes(self, changes: Mapping[str, Any]) -> Options:
        """Give the same options but for `changes`. What keeps calls from changing anything can be added, and not be taken back."""
        for name in ("read_only", "dry_run"):
            if getattr(self, name) and not changes.get(name, True):
                raise ConfigurationError(
                    f"{name}: a view of a client with {name}=True cannot have {name}=False",
                    hint=f"make another client without {name}",
                )
        return Options(**{**{name: getattr(self, name) for name in self.__slots__}, **changes})
