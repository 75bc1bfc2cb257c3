"""The jobs and routes of a client as tools for programs that act for a person, over the Model Context Protocol.

`main` is the command: `cocalc-facade mcp`, or `python -m cocalc_facade.mcp`. It needs the extra `mcp`, which is imported by it alone.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

EXTRA = "this needs the extra mcp: pip install 'cocalc-facade[mcp]'"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve over stdin and stdout until stdin ends, and give the exit code; what goes wrong before is one line on stderr."""
    from .command import parsed

    wanted = parsed(arguments)
    try:
        with _no_collection():
            import mcp.server.lowlevel  # noqa: F401
            import mcp_types  # noqa: F401 - which older ones lack

            from .serving import serve
    except ImportError as missing:
        if (missing.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        print(f"cocalc-facade mcp: {EXTRA}", file=sys.stderr)  # noqa: T201 - a command
        return 2
    return serve(wanted)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Let the collector not look at what is imported, which stays to the end: that is an eighth of the time to start."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if enabled:
            gc.enable()
