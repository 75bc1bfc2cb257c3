"""From Python arguments to the JSON body of a request, refusing what the server would misread."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._routes import Route

LIMIT = 1_048_576
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE).fullmatch
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def body_of(route: Route, arguments: Mapping[str, Any] | None) -> bytes:
    """The request's body."""
    return _encode(dict(arguments or {})).encode()
