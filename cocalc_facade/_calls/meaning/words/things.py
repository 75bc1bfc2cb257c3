"""What the server says of what is there, is not there, is not set up, has to be paid, or failed."""

from __future__ import annotations

from cocalc_facade._errors import (
    ConflictError,
    InvalidRequestError,
    NotAvailableError,
    NotFoundError,
    PaymentRequiredError,
    ServerError,
)

from .wording import AMOUNT, ANY, MONEY, NOT_ENOUGH, SET_UP, SUBJECT, Wording

# Money.
MONEY_LACKING = (
    Wording(
        MONEY,
        "Please pay $22.29.",
        r"Please (?:pay|add)(?: at least)? " + AMOUNT + r"(?:\.|\s.*)?",
        PaymentRequiredError,
    ),
    Wording(
        MONEY,
        "Insufficient credit on your account to complete the purchase (you need $5.01). …",
        r"Insufficient credits?\b[^$]{0,200}(?:" + AMOUNT + r")?.*",
        PaymentRequiredError,
    ),
    Wording(
        MONEY,
        "Insufficient funds",
        r"Insufficient (?:fund|balance|money)s?\b.*",
        PaymentRequiredError,
        begun=True,
    ),
    Wording(
        MONEY,
        "You do not have enough credits … Please add at least $5 to your account.",
        NOT_ENOUGH,
        PaymentRequiredError,
    ),
    Wording(
        MONEY,
        'You must increase your monthly spending limit for the "…" service.',
        (
            r"You (?:must|need to) (?:pay|increase your (?:.{1,200}? )?spending limit)\b.*"
            r"|Payment amount is insufficient\b.*"
        ),
        PaymentRequiredError,
    ),
    Wording(
        "purchases/ billing/",
        "Your card was declined.",
        r"Your card (?:was declined|has insufficient funds|has expired)\b.*",
        PaymentRequiredError,
        begun=True,
    ),
)

# What is there already, or is in a state that does not allow it.
CONFLICTS = (
    Wording(
        ANY,
        'duplicate key value violates unique constraint "…"',
        r"duplicate key value violates unique constraint\b.*",
        ConflictError,
        begun=True,
    ),
    Wording(
        ANY,
        "EEXIST: file already exists, mkdir '…'",
        r"EEXIST: .*",
        ConflictError,
        begun=True,
    ),
    Wording(
        ANY,
        "There is already a project with the same owner as this project and name='…'. …",
        (
            r"there is already an? .*|you (?:have )?already .*"
            r"|email address \"[^\"\n]{1,320}\" is already in use\b.*|(?:disk )?name \S{1,120} is already taken\b.*"
        ),
        ConflictError,
    ),
    Wording(
        ANY,
        "course fee already paid",
        (
            SUBJECT
            + r"already (?:in|taken|exists?|been|redeemed|refunded|paid|used|expired|deleted|started|running"
            r"|stopped|mounted|cancell?ed|enabled|disabled|verified|a member|a collaborator|an owner)\b.*"
            r"|already [a-z]{2,20}\b.*"
        ),
        ConflictError,
        begun=True,
    ),
    Wording(
        "purchases/",
        'You can only resume a canceled subscription, but this subscription is "active"',
        r"You can only \w+ an? [\w -]{1,60}, but this .*|There is a current outstanding .*",
        ConflictError,
    ),
    Wording(
        "vouchers/",
        "Voucher '…' is not yet active.",
        r"Voucher (?:'[^\n]{1,80}' )?(?:is (?:not yet active|not active|inactive|cancell?ed)|has (?:been cancell?ed|expired))\.?",
        ConflictError,
    ),
    Wording(
        "compute/",
        "unmount the cloud filesystem first",
        (
            r"unmount the cloud file ?system first|cloud file ?system \S{1,20} is currently being .*"
            r"|cannot change \w{1,60} while .*|can only change '\w{1,60}' when .*"
        ),
        ConflictError,
    ),
    Wording(
        "compute/",
        "cannot delete server while …",
        r"cannot \w{1,20} [\w '-]{1,80}? (?:while|when|in state)\b.*",
        ConflictError,
        begun=True,
    ),
    Wording(
        ANY,
        "there is a limit of 100 for project",
        r"there is a limit of .*",
        ConflictError,
    ),
)

# What those who run the server did not set up.
NOT_SET_UP = (
    Wording(
        ANY,
        "stripe publishable key is not set -- billing functionality not available",
        (
            r"stripe [\w ]{0,60}is not set\b.*|sending [\w ]{1,60} failed -- no .*"
            r"|no (?:valid )?email backend\b.*|no valid from_id\b.*"
            r"|Jupyter API (?:must be configured|account_id is not)\b.*"
        ),
        NotAvailableError,
        SET_UP,
    ),
    Wording(
        "purchases/ billing/",
        "Invalid API Key provided: …",
        r"(?:invalid|expired) api key\b.*",
        NotAvailableError,
        SET_UP,
        begun=True,
    ),
    Wording(
        ANY,
        "Hyperstack not configured",
        (
            r"[\w ./'()-]{1,120}? (?:(?:is|are) )?not (?:properly |fully |currently )?"
            r"(?:configured?|enabled|available|activated|set up)\b.*"
        ),
        NotAvailableError,
        SET_UP,
        begun=True,
    ),
    Wording(
        ANY,
        "NOT implemented yet",
        (
            rf"(?:{SUBJECT} (?:(?:is|are) )?)?(?:not|no longer) (?:currently |yet )?(?:implemented|supported)\b.*"
            rf"|{SUBJECT} (?:is|are) no longer available\b.*|{SUBJECT} (?:(?:has|have) been retired|(?:is|are) deprecated)\b.*"
            r"|only [\w '-]{1,60} (?:is|are) currently implemented"
            r"|[\w \"'.-]{1,80} (?:is|are) (?:currently )?disabled\b.*"
        ),
        NotAvailableError,
        begun=True,
    ),
)

# What is not there. The database has words like these for a query that is wrong.
NOT_THERE = (
    Wording(
        ANY,
        "function array_length(text, integer) does not exist",
        (
            r"(?:operator|column|function|relation|type|schema|cast)\b.{0,200}? does not exist\b.*"
            r"|there is no (?:unique|parameter)\b.*"
        ),
        InvalidRequestError,
        begun=True,
    ),
    Wording(
        ANY,
        "no file server available",
        r"no (?:[\w-]{1,30} ){0,3}(?:server|host|bay)s? (?:(?:is|are) )?(?:available|running|ready|assigned)\b.*",
        ServerError,
        begun=True,
    ),
    Wording(
        "jupyter/",
        'No spec available for kernel "…". …',
        r"No spec available for kernel .*",
        NotFoundError,
        begun=True,
    ),
    Wording(
        ANY,
        "ENOENT: no such file or directory, stat '…'",
        r"ENOENT: no such file or directory\b.*|no such .*",
        NotFoundError,
        begun=True,
    ),
    Wording(
        ANY,
        "no license with id …",
        r"no [\w -]{1,60}? with (?:the )?(?:given )?(?:id|name|code|email|key|title|token)\b.*",
        NotFoundError,
    ),
    Wording(
        ANY,
        "no voucher code …",
        (
            r"no (?:voucher|account|project|license|subscription|purchase|statement|invoice|customer|template"
            r"|compute server|cloud file ?system|api key|public path)s? .*"
            r"|no valid email address on file\b.*"
        ),
        NotFoundError,
    ),
    Wording(
        ANY,
        'There is no account with email "…".',
        r"there (?:is|are|was) no (?:account|project|user|license|voucher|subscription|purchase|statement)\b.*",
        NotFoundError,
    ),
    Wording(
        ANY,
        "there is no …",
        r"there (?:is|are|was) no .*|no (?:server|message|item|file|project|invoice|customer|stripe customer)s?(?: .*|\.)?",
        NotFoundError,
        begun=True,
    ),
    Wording(
        ANY,
        "copy_id not found",
        SUBJECT
        + r" (?:(?:was )?not found|(?:is|are) not in (?:the |this |your )?(?:project|cart|list)\b)\b.*",
        NotFoundError,
        begun=True,
    ),
    Wording(
        ANY,
        "unknown project_id '…'",
        r"unknown (?:(?:account|project|license)(?:_id)?|user|[\w -]{0,40}(?:challenge|tier))\b.*",
        NotFoundError,
    ),
    Wording(
        ANY,
        "project does not have any public paths",
        (
            r"\w{1,40} does not have any .*"
            r"|(?:you|user) (?:do|does)(?: not|n't) have an? [\w ]{1,40} with id\b.*"
        ),
        NotFoundError,
    ),
    Wording(
        ANY,
        "customer does not exist in stripe, so has no payment methods",
        SUBJECT + r" (?:has expired or )?(?:do|does)(?: not|n't) exist\b.*",
        NotFoundError,
        begun=True,
    ),
)

# What failed on the server, or behind it.
FAILED = (
    Wording(
        ANY,
        "project … has no assigned host",
        r"project (?:\S{1,60} )?has no assigned host",
        ServerError,
    ),
    Wording(
        ANY,
        "connect ENOENT …/.s.PGSQL.5432",
        (
            r"connect E[A-Z]{3,20}\b.*|read E[A-Z]{3,20}\b.*"
            r"|E(?:CONNREFUSED|CONNRESET|TIMEDOUT|PIPE|AI_AGAIN|NOTFOUND|NOSPC|MFILE|NFILE|IO|ROFS|NOMEM|BUSY"
            r"|ACCES|PERM)\b.*"
            r"|socket hang up|getaddrinfo .*|fetch failed\b.*|request to \S{1,300} failed\b.*"
        ),
        ServerError,
        begun=True,
    ),
    Wording(
        ANY,
        "the database system is starting up",
        (
            r"the database system is .*|connection terminated\b.*|terminating connection\b.*"
            r"|timeout exceeded when trying to connect|canceling statement due to .*"
            r"|sorry, too many clients already|remaining connection slots .*|deadlock detected"
            r"|out of (?:shared )?memory|could not (?:connect|serialize|extend|write|resize)\b.*"
            r"|database not connected\b.*|password authentication failed\b.*|no pg_hba\.conf entry\b.*"
        ),
        ServerError,
        begun=True,
    ),
    Wording(
        ANY,
        "failed to assign workspace to a host: …",
        (
            r"failed to .*|unable to .*|calling remote function .*"
            r"|project (?:\S{1,60} )?(?:is assigned to host .{1,100} )?(?:host )?(?:but it )?is unavailable|timeout waiting for .*"
            r"|there (?:is something wrong|was a problem) with .*"
            r"|problem (?:[a-z]{3,20}ing|with) .*|sending [\w ]{1,60} failed\b.*|bug\b.*|request failed\.?"
            r"|internal (?:server )?error\b.*|an unknown error occurred\b.*"
            r"|no (?:connection to|responders|subscribers)\b.*"
        ),
        ServerError,
        begun=True,
    ),
)
