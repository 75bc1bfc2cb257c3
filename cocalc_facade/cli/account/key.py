"""Who the key speaks for, what it may, and who others are."""

from __future__ import annotations

from cocalc_facade import CoCalc
from cocalc_facade._jobs.methods.account import AccountJobs
from cocalc_facade.cli.groups import Command, Group
from cocalc_facade.cli.signatures import job

whoami: Command = job(CoCalc.whoami, example="whoami --json")
can: Command = job(AccountJobs.can, example="can projects/start")
email_of: Command = job(AccountJobs.email_of, example="email-of 2c2d2a4e-6f4b-4d5e-9f0a-0a6f2f1c7e11")

accounts: Group = Group(
    "accounts",
    help="Other accounts.",
    commands=[
        job(
            AccountJobs.find_account,
            name="find",
            example="accounts find ada@example.com",
            positional=("email",),
        ),
        job(AccountJobs.list_accounts, name="list", example="accounts list --banned"),
        job(AccountJobs.projects_of, name="projects", example="accounts projects --json"),
    ],
)
