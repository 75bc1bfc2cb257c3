"""SCHEMA: which document of the server this client was made from."""

from __future__ import annotations

import attrs
from cocalc_v2 import provenance

from ._json.records import Unpacked
from ._version import schema_hash


@attrs.frozen
class Schema(Unpacked):
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
    hash=schema_hash(),
    date=provenance.DATE,
    source=provenance.SOURCE,
    operations=provenance.OPERATION_COUNT,
    published=provenance.SHA256,
)
