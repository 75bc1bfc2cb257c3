"""How Sphinx builds the site: `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "generated")]

from cocalc_facade import __version__  # noqa: E402

project = "cocalc-facade"
author = "The cocalc-facade authors"
copyright = author  # noqa: A001
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
root_doc = "index"
exclude_patterns = ["_build"]
nitpicky = True
html_theme = "furo"
html_title = f"cocalc-facade {release}"
html_copy_source = False
html_show_sphinx = False
html_last_updated_fmt = None

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_typehints = "signature"
autodoc_member_order = "groupwise"
