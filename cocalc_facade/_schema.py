"""SCHEMA: which document of the server this client was made from."""

from __future__ import annotations

from typing import NamedTuple

from cocalc_v2 import provenance

from ._version import __version__


class Schema(NamedTuple):
    """The document that the client was generated from."""

    hash: str
    """The first twelve digits of the SHA-256 of what the client is made from: the document as repaired, corrected and supplemented."""
    date: str
    """The day on which the document was first published in this form, as far as is known."""
    source: str
    """Where it was fetched."""
    operations: int
    """How many routes the client has."""
    published: str
    """The SHA-256 of the document as the server publishes it."""


SCHEMA = Schema(
    hash=provenance.CLIENT_SHA256[:12],
    date=provenance.DATE,
    source=provenance.SOURCE,
    operations=provenance.OPERATION_COUNT,
    published=provenance.SHA256,
)


def user_agent() -> str:
    """How the client introduces itself to the server."""
    return f"cocalc-facade/{__version__} (schema {SCHEMA.hash})"
