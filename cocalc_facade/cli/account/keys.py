"""The API keys of the account or of a project."""

from __future__ import annotations

from typing import Any

from cocalc_facade._jobs.methods.keys import Keys
from cocalc_facade.cli.ending import say
from cocalc_facade.cli.groups import Group
from cocalc_facade.cli.output import write
from cocalc_facade.cli.signatures import job
from cocalc_facade.cli.terminal import Terminal


def _with_secret(terminal: Terminal, key: Any) -> None:
    """Show a new key. Its secret is the data that was asked for, and this is the only time that the server tells it."""
    if terminal.client.planned:
        return
    say("the key is shown this once: keep it where secrets belong")
    try:
        if terminal.fields and "secret" not in terminal.fields:
            terminal.fields = (*terminal.fields, "secret")
        if terminal.json or terminal.fields:
            terminal.show({**key.to_dict(), "secret": key.secret.reveal()})
        else:
            write(f"{key.secret.reveal()}\n")
    except OSError as error:
        error.add_note(
            f"key {key.id} was made, and nobody has its secret: `cocalc-facade keys delete {key.id}`"
        )
        raise


_OF = {"project_id": "Of the keys of this project."}

keys: Group = Group(
    "keys",
    help="The API keys of the account, or with --project-id of a project.",
    commands=[
        job(Keys.list, through="keys", example="keys list", words=_OF),
        job(Keys.get, through="keys", example="keys get 3 --json", words=_OF),
        job(
            Keys.create,
            through="keys",
            example="keys create 'for the course' --expires 90d > key.txt",
            result=_with_secret,
        ),
        job(
            Keys.rotate,
            through="keys",
            example="keys rotate 3 > key.txt",
            result=_with_secret,
            confirm="replaces a key, and the old one ends",
        ),
        job(Keys.delete, through="keys", example="keys delete 3 --yes", confirm="deletes a key", words=_OF),
    ],
)
