"""Projects: list, state, start, stop, create, find."""

from __future__ import annotations

from typing import Any

import click

from cocalc_facade._jobs.methods.account import AccountJobs
from cocalc_facade._jobs.methods.many import ManyJobs
from cocalc_facade._jobs.methods.project import Project
from cocalc_facade.cli.docstrings import told
from cocalc_facade.cli.ending import FAILED, say
from cocalc_facade.cli.groups import Command, Group
from cocalc_facade.cli.kinds import SECONDS
from cocalc_facade.cli.signatures import job
from cocalc_facade.cli.terminal import Terminal

SAMPLE = "826cd844-c73b-47a4-bbf1-cc75a50cf5ee"
FIELDS = ("project_id", "title", "state", "last_edited")
IDS = click.Argument(["projects"], metavar="PROJECT…", nargs=-1, required=True)


def _state(told: Any) -> Any:
    return told.get("state") if isinstance(told, dict) else told


@click.pass_obj
def _list(terminal: Terminal, everything: bool, where: tuple[Any, ...]) -> None:
    from cocalc_facade.cli.server.tables import conditions

    table = "projects_all" if everything else "projects"
    rows = terminal.client.query(table, FIELDS, conditions(table, where), many=True, check=True)
    if rows.cut:
        say("warning: the server gives no more than this; --all gives every project")
    terminal.show([{**row, "state": _state(row["state"])} for row in rows])


def _bringing(state: str) -> Any:
    @click.pass_obj
    def bring(terminal: Terminal, projects: tuple[str, ...], timeout: float | None) -> int | None:
        client = terminal.client
        given: dict[str, Any] = {} if timeout is None else {"timeout": timeout}
        if len(projects) == 1:
            terminal.note(f"waiting for the project to be {state}")
            terminal.show(client.wait_for_project(projects[0], state, **given))  # type: ignore[arg-type]
            return None
        outcomes = client.wait_for_projects(projects, state, progress=terminal.watched, **given)  # type: ignore[arg-type]
        terminal.show(outcomes)
        return FAILED if outcomes.failed else None

    return bring


@click.pass_obj
def _create(terminal: Terminal, title: str, description: str | None) -> None:
    body = {"title": title} if description is None else {"title": title, "description": description}
    terminal.show(terminal.client.call("projects/create", body))


def _found(terminal: Terminal, project: Any) -> None:
    terminal.show({"project_id": project.project_id})


def _brought(name: str, state: str) -> Command:
    method = ManyJobs.wait_for_projects
    return Command(
        name=name,
        callback=_bringing(state),
        params=[IDS, click.Option(["--timeout"], type=SECONDS, help=told(method).arguments["timeout"])],
        help=f"Bring projects to the state {state}, and wait for it.\n\n{told(method).text}",
        short_help=f"Bring projects to the state {state}, and wait for it.",
        example=f"cocalc-facade projects {name} 826cd844-c73b-47a4-bbf1-cc75a50cf5ee",
    )


projects: Group = Group(
    "projects",
    help="Projects of the account.",
    commands=[
        Command(
            name="list",
            callback=_list,
            params=[
                click.Option(
                    ["--all", "everything"], is_flag=True, help="Also those that were not edited lately."
                ),
                click.Option(
                    ["--where"], multiple=True, help="Only these, such as --where title='Calculus 1'."
                ),
            ],
            help="The projects of the account that were edited in the last 6 weeks, at most 300; or all.",
            example="cocalc-facade projects list --all --json --fields project_id,title",
        ),
        job(Project.state, through="project", example="projects state 826cd844-c73b-47a4-bbf1-cc75a50cf5ee"),
        _brought("start", "running"),
        _brought("stop", "stopped"),
        Command(
            name="create",
            callback=_create,
            params=[click.Argument(["title"]), click.Option(["--description"], help="More words.")],
            help="Create a project, and give its id.",
            example="cocalc-facade projects create 'Calculus 1'",
        ),
        job(
            AccountJobs.find_project,
            name="find",
            example="projects find 'Calculus 1'",
            positional=("title",),
            result=_found,
        ),
        job(
            AccountJobs.ensure_project,
            name="ensure",
            example="projects ensure 'Calculus 1'",
            positional=("title",),
            result=_found,
        ),
        job(Project.collaborators, through="project", example=f"projects collaborators {SAMPLE}"),
        job(Project.invite, through="project", example=f"projects invite {SAMPLE} ada@example.com"),
    ],
)
