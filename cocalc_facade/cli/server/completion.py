"""Completion of commands, options, routes and their arguments in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from cocalc_facade.cli.ending.words import NAME
from cocalc_facade.cli.groups import Command
from cocalc_facade.cli.output import write
from cocalc_facade.cli.terminal import Terminal

SHELLS = ("bash", "zsh", "fish")
COMPLETE = "_COCALC_FACADE_COMPLETE"


@click.pass_context
def _completion(context: click.Context, shell: str) -> None:
    terminal: Terminal = context.obj
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"there is no completion for {shell}")
    made = kind(context.find_root().command, {}, NAME, COMPLETE)
    script = made.source_template % made.source_vars()
    if terminal.json:
        terminal.show(script)
    else:
        write(script)


completion: Command = Command(
    name="completion",
    callback=_completion,
    params=[click.Argument(["shell"], type=click.Choice(SHELLS))],
    help='What a shell needs to complete commands, options, routes and arguments. For bash put eval "$(cocalc-facade completion bash)" '
    "into ~/.bashrc, for zsh the same into ~/.zshrc; for fish write it to ~/.config/fish/completions/cocalc-facade.fish.",
    example="cocalc-facade completion bash",
)
