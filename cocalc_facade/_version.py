"""The release, in one place: read by the build and sent in the User-Agent."""

__version__ = "0.2.0"


def schema_hash() -> str:
    """Name the document that this client was generated from, see `SCHEMA`."""
    from cocalc_v2.provenance import CLIENT_SHA256

    return CLIENT_SHA256[:12]


def user_agent() -> str:
    """How the client introduces itself to the server."""
    return f"cocalc-facade/{__version__} (schema {schema_hash()})"
