"""A server that speaks TLS, and what makes clients believe it: a certificate for cocalc.example and for this machine."""

from __future__ import annotations

import ssl
from pathlib import Path

TLS = Path(__file__).parent.parent / "data" / "tls"
CERTIFICATE = TLS / "cocalc-example.pem"


def server_side() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, TLS / "cocalc-example.key")
    return context
