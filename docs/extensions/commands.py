"""What a command says of itself: `{help} cocalc_facade.testing` shows what `python -m cocalc_facade.testing --help` prints."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class Help(SphinxDirective):
    """A module that is a command, and its words."""

    required_arguments = 1
    optional_arguments = 9

    def run(self) -> list[nodes.Node]:
        """Give the text as a block."""
        module, *words = self.arguments
        command = [sys.executable, "-m", module, *words, "--help"]
        environment = {
            **os.environ,
            "COLUMNS": "88",
            "PYTHON_COLORS": "0",
            "NO_COLOR": "1",
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        asked = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        if asked.returncode:
            raise self.error(f"{' '.join(command[1:])}: {asked.stderr.strip().splitlines()[-1:]}")
        return [nodes.literal_block(asked.stdout, asked.stdout.rstrip(), language="text")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Let Sphinx call what is above."""
    app.add_directive("help", Help)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
