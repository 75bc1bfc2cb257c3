"""How Sphinx builds the site: `make docs`."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "generated"), str(ROOT / "docs" / "extensions")]

from cocalc_facade import __version__  # noqa: E402

gc.disable()  # trees of documents are large and stay to the end: a third of the time went to looking through them

project = "cocalc-facade"
author = "The cocalc-facade authors"
copyright = author  # noqa: A001
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "commands",
    "docstrings",
    "links",
    "plain_text",
    "routes",
]
root_doc = "index"
exclude_patterns = ["extensions", "_build"]
suppress_warnings = ["myst.strikethrough"]

# Every name of ours that is referred to has to be on the site; what others document is not looked up, for a build needs no network.
nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(?!cocalc_facade\b)\w+([.\[]\w+)*"),
    (
        "py:class",
        r"cocalc_facade\..*\.(Item|Value|R|M|Runner|AsyncRunner|PurchaseQuery|Route|Answer|Site|Table|Transport)",
    ),  # of our insides
]

html_theme = "furo"
html_title = f"cocalc-facade {release}"
html_copy_source = False
html_show_sphinx = False
html_last_updated_fmt = None
smartquotes_action = "qe"  # quotes and dots; `--` begins an option
html_static_path = ["static"]
html_css_files = ["site.css"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_typehints = "signature"
autodoc_member_order = "groupwise"
add_module_names = False
python_maximum_signature_line_length = 88
napoleon_google_docstring = napoleon_numpy_docstring = False  # docstrings.py asks it itself
pygments_style = "default"
