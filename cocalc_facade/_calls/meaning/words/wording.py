"""A row of the table of wordings, and what its columns are made of."""

from __future__ import annotations

from typing import NamedTuple

from cocalc_facade._errors import CoCalcError

SILENT = "the server failed without a word of why"
KEY = "the key is missing, wrong, expired or banned, or the server's database is away"
CUT = "the server gives up after 60 seconds while the work goes on; run long commands with async_call"
KERNEL_CUT = (
    "the server waits 60 seconds for a kernel, and now and then one never answers, also to short code;"
    " what may take long can run as a command: client.run"
)
SHORT_CUT = "this server gives up after 15 seconds unless `timeout` says more, while the work goes on"
PROJECT_KEY = "a project's key speaks for the project, not for an account"
STUMBLED = "the server stumbled over a parameter that is missing or of another type than it expects"
UNQUERYABLE = "the table or field does not exist, or cannot be read this way"
NO_KEY_MAY = (
    "no API key may do this, only a browser session; the server says so whether or not the key is good"
)
NEWER = "of the newer generation (cocalc-ai)"
CAPABILITY = "make a key with this capability, and with the project on its list"
PASSWORD = "the password of an account was refused, not the key"  # noqa: S105
SET_UP = "only those who run the server can change this"

ANY = "any route"
THROTTLED = "throttled routes"
QUERY = "user-query"
COMMANDS = "exec latex jupyter/ projects/call projects/copy- projects/write-text-file api/conat/"
ACCOUNTS = "accounts/ auth/"
MONEY = "purchases/ billing/ shopping/ vouchers/ licenses/ compute/ jupyter/ projects/"
LLM = "llm/ openai/"

LLM_LEAD = "There is a problem calling "
FATAL = "FATAL: "
POSTGRESQL = "postgresql error: "

AMOUNT = r"\$(?P<amount>\d[\d,]{0,14}(?:\.\d{1,10})?)"
NOT_ENOUGH = (
    r"You do not have enough (?:credit|money|fund)s?\b(?:(?!Please add at least \$).){0,600}+"
    rf"(?:Please add at least {AMOUNT}\b)?.*"
)
# What a sentence of the server is about: a few plain words, with a value in quotes or brackets among them.
SUBJECT = r"[\w #./-]{1,80}(?:[(=]?['\"`(][^\n'\"`)]{0,320}['\"`)])?[\w #./-]{0,60}?"


class Wording(NamedTuple):
    """A phrase of the server, who says it, and what it means.

    `routes` is a kind of route, or paths and starts of paths. `example` is one text that the row is for. The pattern has to fit the whole text, of which
    only a bounded start is looked at (with `at_end` its first words and a bounded end); a group gives the error its attribute of that name, `field` only
    where the route has such a parameter. With `lead` the row is for what follows these words of the server, and without it for all but what a language
    model is quoted with. `begun` says that something may have been done when this is said: by the command, or before another service or the database
    said what is quoted.
    """

    routes: str
    example: str
    pattern: str
    error: type[CoCalcError]
    hint: str | None = None
    begun: bool = False
    lead: str = ""
    at_end: bool = False
