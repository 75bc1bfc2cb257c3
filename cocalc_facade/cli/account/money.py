"""What was bought, and the licences."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from cocalc_facade._jobs.methods.money import MoneyJobs
from cocalc_facade.cli.groups import Command
from cocalc_facade.cli.output import write_bytes
from cocalc_facade.cli.signatures import help_of, job, parameters
from cocalc_facade.cli.terminal import Terminal

licenses: Command = job(MoneyJobs.managed_licenses, name="licenses", example="licenses --json")


@click.pass_obj
def _purchases(terminal: Terminal, /, csv: str | None, decimal: bool | None, **values: Any) -> None:
    given = {name: value for name, value in values.items() if value is not None}
    found = terminal.client.iter_purchases(decimal=bool(decimal), **given).all()
    if csv is None:
        terminal.show(found)
    elif csv == "-":
        with TemporaryDirectory() as folder:
            write_bytes(found.to_csv(Path(folder) / "purchases.csv").read_bytes())
    else:
        found.to_csv(csv)
        terminal.note(f"{len(found)} purchases, {found.total} USD: {csv}")


purchases: Command = Command(
    name="purchases",
    callback=_purchases,
    params=[
        *parameters(MoneyJobs.iter_purchases),
        click.Option(
            ["--csv"], metavar="FILE", help="Write them to a file of comma-separated values; - is stdout."
        ),
    ],
    help=help_of(MoneyJobs.iter_purchases),
    example="cocalc-facade purchases --since 30d --csv purchases.csv",
)
