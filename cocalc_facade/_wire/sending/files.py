"""Requests that move files: where they go, and the form that an upload is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from cocalc_facade._errors import PostOnlyError

if TYPE_CHECKING:
    from cocalc_facade._wire.flow import Receive, Upload


def uploaded(step: Upload) -> str:
    """Give the target of an upload, below the server's address."""
    query = {"project_id": step.project_id, "path": step.folder, "compute_server_id": "0"}
    return f"/upload?{urlencode(query)}"


def received(step: Receive) -> str:
    """Give the target of a file: it begins with the id of its project, and no part of it leads elsewhere."""
    first, _, rest = step.project_id.partition("-")
    if not (first and rest) or {".", ".."} & set(step.name.split("/")):
        raise PostOnlyError("a file is asked for by its project and its path in there", path="files")
    return f"/{quote(step.project_id, safe='')}/files/{quote(step.name)}"


def boundary() -> str:
    """Give what separates the parts of a form: random, so that no file contains it."""
    return f"cocalc-facade-{os.urandom(24).hex()}"


def form(step: Upload, mark: str) -> tuple[bytes, bytes, bytes]:
    """Give the form with the one file, in parts. Names are those that this client makes up: plain ASCII."""
    head = (
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{step.name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return head.encode("ascii"), step.data, f"\r\n--{mark}--\r\n".encode("ascii")
