"""Who the key speaks for, what it may, and who others are."""

from __future__ import annotations

from cocalc_facade import CoCalc
from cocalc_facade._jobs.methods.account import AccountJobs
from cocalc_facade.cli.groups import Group
from cocalc_facade.cli.signatures import job

whoami = job(CoCalc.whoami, example="whoami --json")
can = job(AccountJobs.can, example="can projects/start")
email_of = job(AccountJobs.email_of, example="email-of 2c2d2a4e-6f4b-4d5e-9f0a-0a6f2f1c7e11")

accounts = Group(
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
