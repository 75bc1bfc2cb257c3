"""What a shell can complete besides commands and options: from what is known here, and never from the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import click
    from click.shell_completion import CompletionItem


def complete_route(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Give the routes that begin so."""
    from cocalc_facade._jobs.values.routes import routes

    return _items(routes(incomplete))


def complete_file(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Let the shell complete the name of a file."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def complete_profile(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Give the profiles that begin so, if the file that has them can be read."""
    import tomllib

    from cocalc_facade._settings.place import config_file

    try:
        found = tomllib.loads(config_file().read_text("utf-8-sig")).get("profiles", {})
    except (OSError, ValueError, RecursionError):
        return []
    return _items(name for name in found if name.startswith(incomplete) and name.isprintable())


def _items(names: Iterable[str]) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(name) for name in names]
