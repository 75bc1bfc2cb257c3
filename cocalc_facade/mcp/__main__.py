"""`python -m cocalc_facade.mcp`: what `cocalc-facade mcp` does."""

from __future__ import annotations

import sys

from cocalc_facade.mcp import main

if __name__ == "__main__":
    sys.exit(main())
