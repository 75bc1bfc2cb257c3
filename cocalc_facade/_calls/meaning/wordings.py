"""How the server says no: its wordings and statuses, and the error that each one means.

The table is read from top to bottom, the first pattern found decides. What no row knows is an `APIError` with the server's words.
"""

from __future__ import annotations

from typing import NamedTuple

from cocalc_facade._errors import (
    APIError,
    AuthenticationError,
    CoCalcError,
    CommandError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    TimedOut,
)

KEY = "the key is missing, wrong, expired or banned, or the server's database is away"
CUT = "the server gives up after 60 seconds while the work goes on; run long commands with async_call"
PROJECT_KEY = "a project's key speaks for the project, not for an account"
STUMBLED = "the server stumbled over a parameter that is missing or of another type than it expects"
UNQUERYABLE = "the table or field does not exist, or cannot be read this way"
FRESH = "this needs a browser session that was signed in recently; an API key cannot do it"


class Wording(NamedTuple):
    """A pattern of the server's words, the error it means, and what to do about it. A group `field` names the parameter."""

    pattern: str
    error: type[CoCalcError]
    hint: str | None = None


WORDINGS = (
    Wording(r"^undefined$", TimedOut, CUT),
    Wording(
        r"^(connect )?(ENOENT|ECONNREFUSED|ETIMEDOUT)\b.*(PGSQL|5432)|database .*(away|down|unavail|starting up)"
        r"|^connection terminated|^terminating connection|^timeout exceeded when trying to connect|due to statement timeout",
        ServerError,
    ),
    Wording(
        r"^too many\b|\btry again in [\d.]+ (second|minute|hour)|^wait an? (minute|hour)|rate limit(ed)?\b",
        RateLimitError,
    ),
    Wording(r"^error executing command '.* -- .*no connection to compute server", ServerError),
    Wording(r"^error executing command '.*async operation '.*' does not exist", NotFoundError),
    Wording(
        r"^error executing command '.*ERR_INVALID_ARG_(TYPE|VALUE)\]: the (\"|argument '?)?(?P<field>\w+)",
        InvalidRequestError,
    ),
    Wording(
        r"^error executing command '|exited with nonzero code|\bkilled command\b|unable to spawn jupyter",
        CommandError,
    ),
    Wording(r"signed in as a (collaborator|manager)", PermissionDeniedError),
    Wording(
        r"\b(signed|logged|sign|log)[ -]?in\b(?! into)(?!.*password)|must be authenticated|not authenticated"
        r"|^invalid auth$|authentication via an api key|\banonymous (\w+ )?quer|no account_id specified"
        r"|you must create an account|must be a valid (project )?api key",
        AuthenticationError,
        KEY,
    ),
    Wording(r"account_id is not a valid account", PermissionDeniedError, PROJECT_KEY),
    Wording(r"fresh_auth|two_factor_required|api_key_rpc_denied", PermissionDeniedError, FRESH),
    Wording(
        r"password for .* is incorrect|^incorrect password|problem signing into account", AuthenticationError
    ),
    Wording(r"\binvalid token\b|registration token", InvalidRequestError),
    Wording(
        r"\b(get|set) quer(y|ies) not allowed for (table )?'?(?P<field>[\w.]+)",
        InvalidRequestError,
        UNQUERYABLE,
    ),
    Wording(
        r"collaborator|only (the )?(admin|owner|manager|member|partner)s?\b|\bonly\b.* by (\w+ )?administrators"
        r"|must be (an? )?(admin|owner|manager|partner|member)"
        r"|in the group 'admin'|permission denied|do(es)? not have (\w+ )?(access|permission)|\bnot permitted\b|forbidden"
        r"|access denied|not authorized|you must own|not the owner|\bnot allowed to\b"
        r"|changing [\w.]+ not allowed",
        PermissionDeniedError,
    ),
    Wording(
        r"^(operator|column|function|relation|type)\b.*does not exist|^syntax error at|^value too long",
        InvalidRequestError,
    ),
    Wording(
        r"\bno (such )?[\w ]+ with (the )?(id|name|code|email)\b|\bdoes(n't| not) exist|\bnot found\b|^unknown (account|project|license)"
        r"|^no such\b|^there is no\b|ENOENT: no such file",
        NotFoundError,
    ),
    Wording(
        r"not available|not enabled|not (fully )?implemented|not configured|fetch failed|stripe|zendesk",
        APIError,
    ),
    Wording(
        r"^Cannot (read|set) propert|^Cannot (destructure|convert undefined)|^null is not|must not be null"
        r"|^(?P<field>\w+)(\.\w+)* is not (iterable|a function)",
        InvalidRequestError,
        STUMBLED,
    ),
    Wording(r"invalid account_id or project_id", InvalidRequestError),
    Wording(
        r"^(the \")?(?P<field>\w+)(\" argument)? must (be|not|have)\b|^(?P<field2>\w+) is required|^must (specify|provide) (an? |the )?'?(?P<field3>\w+)",
        InvalidRequestError,
    ),
    Wording(r"null value in column \"(?P<field>\w+)\"", InvalidRequestError),
    Wording(
        r"\binvalid\b|malformed|must (also )?(be|not|specify|provide|have)\b|\brequired\b|out of range|violates|unsupported|cannot handle type"
        r"|^FATAL: ",
        InvalidRequestError,
    ),
)

SECONDS = {"second": 1, "minute": 60, "hour": 3600}

STATUSES: dict[int, type[APIError]] = {
    400: InvalidRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    405: InvalidRequestError,
    406: InvalidRequestError,
    409: InvalidRequestError,
    410: NotFoundError,
    411: InvalidRequestError,
    413: InvalidRequestError,
    414: InvalidRequestError,
    415: InvalidRequestError,
    422: InvalidRequestError,
    429: RateLimitError,
    431: InvalidRequestError,
}
