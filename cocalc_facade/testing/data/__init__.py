"""What is known of the real server, as files: `text` and `packaged` read them."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def text(name: str) -> str:
    """A data file as it is."""
    return (files(__name__) / name).read_text("utf-8")


@cache
def packaged(name: str) -> Any:
    """A data file of JSON, read once; not to be changed by who gets it."""
    return json.loads(text(name))
