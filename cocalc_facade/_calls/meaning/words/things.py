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
            SUBJECT + r"already (?:[a-z]{2,20}|a member|a collaborator|an owner)\b.*"
            r"|already [a-z]{2,20}\b.*"
        ),
        ConflictError,
        begun=True,
    ),
    Wording(
        ANY,
        "currently compute server must be deprovisioned before changing ownership",
        (
            rf"(?:{SUBJECT} )?must (?:first )?be (?:deprovisioned|off|stopped|running|suspended|cancell?ed|unmounted)\b.*"
            rf"|{SUBJECT} can only be [\w -]{{1,60}}? (?:when|while|if|in|after|before)\b.*"
            r"|you must (?!be\b|specify|provide|give)[a-z]{2,20} [\w -]{1,80}? (?:before|first)\b.*"
        ),
        ConflictError,
        begun=True,
    ),
    Wording(
        ANY,
        "compute server is currently transitioning to running",
        (
            rf"{SUBJECT} (?:(?:is|are) )?currently (?:being [a-z]{{3,20}}|[a-z]{{3,20}}ing)\b.*"
            rf"|{SUBJECT} (?:is|are) (?:being [a-z]{{3,20}}|archived|draining|locked|frozen|busy|in use|deleted)\b.*"
            rf"|{SUBJECT} (?:(?:is|are) )?(?:not (?:yet )?|no longer )(?:running|started|stopped|mounted|provisioned"
            r"|initialized|paid|deleted|cancell?ed|pending|ready)\b.*"
            rf"|{SUBJECT} (?:is|are) no longer active\b.*"
            rf"|{SUBJECT} (?:has|have) not (?:yet )?been [a-z]{{3,20}}\b.*"
            r"|(?:two-factor authentication|[\w -]{1,20} factor) is not enabled"
        ),
        ConflictError,
        begun=True,
    ),
    Wording(
        ANY,
        "Subdomain '…' is not available",
        (
            r"(?:[\w -]{1,30} )?(?:(?:sub)?domain|name) (?:['\"][^\n'\"]{1,80}['\"] )?"
            r"(?:is )?(?:not available|taken|in use)\b.*"
        ),
        ConflictError,
        begun=True,
    ),
    Wording(
        ANY,
        'update or delete on table "…" violates foreign key constraint "…" on table "…"',
        r"update or delete on table\b.*",
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
        r"Voucher (?:'[^\n]{1,80}' )?(?:is (?:not yet active|not active|inactive|cancell?ed|expired)|has (?:been cancell?ed|expired))\.?",
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
        r"cannot \w{1,20} [\w '-]{1,80}? (?:while|when|unless|in state)\b.*",
        ConflictError,
        begun=True,
    ),
    Wording(
        ANY,
        "there is a limit of 100 for project",
        (
            r"there is a limit of .*|(?:you(?: have)? )?reached (?:the|your) (?:[\w ]{1,30} )?limit\b.*"
            r"|(?:(?:[\w ]{1,20} )?quota|(?:project|account|storage) limit|maximum number of [a-z]{2,20})"
            r" (?:was |is )?(?:reached|exceeded)\b.*"
        ),
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
            r"|[\w .'-]{1,60}\b(?:key|token|secret)s? (?:(?:is|are) )?not set\b.*"
        ),
        NotAvailableError,
        SET_UP,
    ),
    Wording(
        "purchases/ billing/",
        "Invalid API Key provided: …",
        r"(?:invalid|expired|no) api key\b.*|you did not provide an api key\b.*",
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
            rf"(?:[\w #./'\"-]{{1,160}}? (?:(?:is|are) )?|{SUBJECT} (?:(?:is|are) )?)?(?:not|no longer) (?:currently |yet )?(?:implemented|supported)\b.*"
            rf"|{SUBJECT} (?:is|are) no longer available\b.*|{SUBJECT} (?:(?:has|have) been retired|(?:is|are) deprecated)\b.*"
            r"|only [\w '-]{1,60} (?:is|are) (?:currently )?(?:implemented|supported)"
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
        r"not found\.?|"
        + SUBJECT
        + r" (?:(?:was )?not found|(?:(?:is|are) )?not in (?:the |this |your )?(?:project|cart|list)\b)\b.*",
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
            r"[\w ]{1,40} does(?: not|n't) have an?(?:y)? .*"
            r"|(?:you|user) (?:do|does)(?: not|n't) have an? [\w ]{1,40} with id\b.*|target user (?:is|does) not .*"
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
        r"project (?:\S{1,60} )?has no (?:assigned host|host(?: assigned)?)",
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
            r"|(?:internal|zendesk|stripe|database|server|network|unknown|unexpected) (?:server )?error\b.*"
            r"|an unknown error occurred\b.*|error (?:connecting|contacting|communicating)\b.*"
            r"|error|unknown|failed|timeout|timed out|disconnected|(?:connection )?closed|cancell?ed|aborted"
            r"|(?:request -- )?no (?:connection to|responders|subscribers)\b.*"
            r"|[\w -]{1,60} failed\.?|insufficient (?:resources|capacity|memory|disk)\b.*"
        ),
        ServerError,
        begun=True,
    ),
)

# What is left of what begins with "no".
NOTHING = (
    Wording(
        ANY,
        "no email address on file",
        r"no [\w '-]{1,60}\.?",
        NotFoundError,
        begun=True,
    ),
)
