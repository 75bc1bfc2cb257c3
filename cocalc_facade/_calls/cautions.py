"""What a caller hears before a call is sent: that it needs confirmation, always fails, or is deprecated."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from cocalc_facade._errors import CoCalcWarning, ConfirmationRequired

if TYPE_CHECKING:
    from .routes import Route

_OURS = tuple(str(Path(__file__).parents[2] / name) for name in ("cocalc_facade", "cocalc_v2", "generated"))


def heed(route: Route, confirm: bool | None, read_only: bool) -> None:
    """Warn of a route that fails or is deprecated; raise `ConfirmationRequired` when it needs a confirmation and has none.

    A client that is `read_only` is told so before anything else.
    """
    if read_only:
        from .guarding.read_only import refuse_always

        refuse_always(route)
    operation = route.operation
    if operation is None:
        return
    if operation.confirm and confirm is not True:
        raise ConfirmationRequired(
            f"this {operation.confirm}; nothing was sent",
            path=route.path,
            field="confirm",
            hint="pass confirm=True if that is what you want",
        )
    if operation.fails:
        warnings.warn(
            f"{route.path} fails on today's servers: {operation.fails}", CoCalcWarning, stacklevel=depth()
        )
    if operation.deprecated:
        warnings.warn(
            f"{route.path} is deprecated: {operation.deprecated}", DeprecationWarning, stacklevel=depth()
        )


def depth() -> int:
    """How far up the first frame is that is not this package's, as `warnings.warn` counts: there the warning belongs."""
    depth = 1
    frame = sys._getframe(1)  # only frames know where the user's code is
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_OURS):
        frame = frame.f_back
        depth += 1
    return depth


def no_key() -> NoReturn:
    """Say that a call needs a key."""
    from cocalc_facade._errors import ConfigurationError
    from cocalc_facade._wire.keys import WHERE

    raise ConfigurationError("there is no API key, and this call needs one", hint=WHERE)
