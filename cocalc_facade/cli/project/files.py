"""Files of projects: list, read, copy, rename, delete."""

from __future__ import annotations

import re
from base64 import b64encode
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import click

from cocalc_facade import ConflictError
from cocalc_facade._jobs.methods.project import Project
from cocalc_facade.cli.ending import FAILED, say
from cocalc_facade.cli.groups import Command
from cocalc_facade.cli.kinds import Kind
from cocalc_facade.cli.output import write_bytes
from cocalc_facade.cli.signatures import help_of, told
from cocalc_facade.cli.terminal import Terminal

_REMOTE = re.compile(r"([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}):(.*)", re.DOTALL)
CHUNK = 1 << 20
SAMPLE = "826cd844-c73b-47a4-bbf1-cc75a50cf5ee"


class Place(NamedTuple):
    """A path of a project, or of this machine."""

    project: str | None
    path: str


class Where(Kind):
    """`PROJECT:path`, or where `here` a path of this machine too."""

    name = "place"

    def __init__(self, *, here: bool = False) -> None:
        self.here = here

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Place:
        if not value:
            self.fail("it is empty", param, ctx)
        if match := _REMOTE.fullmatch(value):
            return Place(match[1], match[2])
        if not self.here:
            self.fail(f"{value!r} is not PROJECT:path, with the id of a project", param, ctx)
        return Place(None, value)


THERE = Where()
PLACE = click.Argument(["place"], metavar="PROJECT:PATH", type=THERE)


@click.pass_obj
def _ls(terminal: Terminal, place: Place, live: bool) -> None:
    terminal.show(terminal.client.project(place.project or "").files(place.path, live=live))


@click.pass_obj
def _cat(terminal: Terminal, place: Place) -> None:
    with TemporaryDirectory() as folder:
        here = Path(folder) / "file"
        here.touch()  # which a folder does not replace, so that none is fetched
        try:
            terminal.client.project(place.project or "").download(place.path, here, progress=False)
        except ConflictError as error:
            if not error.message.startswith("here: "):
                raise
            raise click.UsageError(
                f"{place.path or '~'} is a folder: ls shows it, and cp copies it"
            ) from None
        if terminal.client.planned:
            return
        if terminal.json:
            terminal.show(_as_json(here.read_bytes()))
            return
        with here.open("rb") as opened:
            while chunk := opened.read(CHUNK):
                write_bytes(chunk)


def _as_json(content: bytes) -> dict[str, str]:
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(content).decode()}


@click.pass_obj
def _cp(
    terminal: Terminal, source: Place, target: Place, exclude: tuple[str, ...], overwrite: bool
) -> int | None:
    if Place(None, "-") in (source, target):
        raise click.UsageError("- is no file: `cat` writes a file to stdout, and ./- is a file of that name")
    client, progress = terminal.client, terminal.watched
    if source.project and target.project:
        client.project(source.project).copy_to(
            target.project, source.path, target.path or None, overwrite_newer=overwrite
        )
        return None
    if target.project:
        moved = client.project(target.project).upload(
            source.path, target.path or "./", exclude=exclude, progress=progress
        )
    elif source.project:
        moved = client.project(source.project).download(
            source.path, target.path, exclude=exclude, progress=progress
        )
    else:
        raise click.UsageError("one of the two must be PROJECT:path, with the id of a project")
    for refused in moved.refused:
        say(f"not copied: {refused.path}: {refused.why}")
    if terminal.json or terminal.fields:
        terminal.show(moved)
    return FAILED if moved.refused else None


@click.pass_obj
def _mv(terminal: Terminal, place: Place, target: Place, overwrite: bool) -> None:
    if target.project not in (None, place.project):
        raise click.UsageError("mv renames within a project: cp copies to another, and rm deletes")
    terminal.show(
        terminal.client.project(place.project or "").move(place.path, target.path, overwrite=overwrite)  # type: ignore[func-returns-value]
    )


@click.pass_obj
def _rm(terminal: Terminal, place: Place) -> None:
    terminal.confirm(f"deletes {place.path!r} with all that is in it")
    terminal.show(terminal.client.project(place.project or "").delete(place.path, confirm=True))  # type: ignore[func-returns-value]


@click.pass_obj
def _mkdir(terminal: Terminal, place: Place) -> None:
    terminal.show(terminal.client.project(place.project or "").mkdir(place.path))  # type: ignore[func-returns-value]


_OVERWRITE = click.Option(["--overwrite"], is_flag=True, help="Also what is newer, or has that name.")

ls: Command = Command(
    name="ls",
    callback=_ls,
    params=[
        PLACE,
        click.Option(
            ["--live/--no-live"], default=True, help="--no-live asks the database, and wakes nobody."
        ),
    ],
    help=help_of(Project.files),
    example=f"cocalc-facade ls {SAMPLE}:homework",
)
cat: Command = Command(
    name="cat",
    callback=_cat,
    params=[PLACE],
    help="Write a file of a project to stdout, once all of it has arrived and its SHA-256 is right. With --json it is the field text, "
    "or base64 when it is not UTF-8.",
    example=f"cocalc-facade cat {SAMPLE}:notes.txt",
)
cp: Command = Command(
    name="cp",
    callback=_cp,
    params=[
        click.Argument(["source"], metavar="SOURCE", type=Where(here=True)),
        click.Argument(["target"], metavar="TARGET", type=Where(here=True)),
        click.Option(["--exclude"], multiple=True, help=told(Project.upload).arguments["exclude"]),
        _OVERWRITE,
    ],
    help="Copy files and folders: to a project, from one, or between two. PROJECT:path is a path in a project.\n\n"
    f"Up: {told(Project.upload).line} {told(Project.upload).text}\n\nDown: {told(Project.download).text}\n\n"
    f"Between projects: {told(Project.copy_to).text}",
    short_help="Copy files: up, down, or between projects.",
    example=f"cocalc-facade cp homework/ {SAMPLE}:homework",
)
mv: Command = Command(
    name="mv",
    callback=_mv,
    params=[PLACE, click.Argument(["target"], metavar="PATH", type=Where(here=True)), _OVERWRITE],
    help=help_of(
        Project.move, "PATH is from the home directory of the project, with or without PROJECT: before it."
    ),
    example=f"cocalc-facade mv {SAMPLE}:a.txt b.txt",
)
rm: Command = Command(
    name="rm",
    callback=_rm,
    params=[PLACE],
    help=help_of(Project.delete),
    example=f"cocalc-facade rm {SAMPLE}:old --yes",
)
mkdir: Command = Command(
    name="mkdir",
    callback=_mkdir,
    params=[PLACE],
    help=help_of(Project.mkdir),
    example=f"cocalc-facade mkdir {SAMPLE}:a/b",
)
