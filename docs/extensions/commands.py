"""What commands say of themselves.

`{help} cocalc_facade.testing` shows what `python -m cocalc_facade.testing --help` prints, and `{commands}` the same of each command of `cocalc-facade`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import click
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from cocalc_facade.cli.main import root

WIDTH = 88


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
            "COLUMNS": str(WIDTH),
            "PYTHON_COLORS": "0",
            "NO_COLOR": "1",
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        asked = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        if asked.returncode:
            raise self.error(f"{' '.join(command[1:])}: {asked.stderr.strip().splitlines()[-1:]}")
        return [_block(asked.stdout)]


class Commands(SphinxDirective):
    """Each command of `cocalc-facade` under a heading of its own."""

    def run(self) -> list[nodes.Node]:
        """Give a section for each command, those of a group after the group."""
        return [_section(context) for context in commands(root, None)]


def commands(command: click.Command, parent: click.Context | None) -> Iterator[click.Context]:
    """Give a context for the command and for all below it."""
    context = click.Context(
        command, parent=parent, info_name=command.name, terminal_width=WIDTH, max_content_width=WIDTH
    )
    yield context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            if (below := command.get_command(context, name)) is not None:
                yield from commands(below, context)


def _section(context: click.Context) -> nodes.section:
    title = nodes.literal(context.command_path, context.command_path)
    place = nodes.section(ids=[nodes.make_id(context.command_path)], names=[context.command_path])
    place += nodes.title("", "", title)
    place += _block(click.unstyle(context.get_help()))
    return place


def _block(text: str) -> nodes.literal_block:
    return nodes.literal_block(text, text.rstrip(), language="text")


def setup(app: Sphinx) -> dict[str, Any]:
    """Let Sphinx call what is above."""
    app.add_directive("help", Help)
    app.add_directive("commands", Commands)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
