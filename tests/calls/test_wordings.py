"""What the server's words mean: by its own phrases, on the routes that say them, and never by what it quotes."""

from __future__ import annotations

import json
import re
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cocalc_v2.operations import OPERATIONS
from hypothesis import given, settings
from hypothesis import strategies as st

import cocalc_facade
from cocalc_facade import (
    APIError,
    AuthenticationError,
    CoCalcError,
    CommandError,
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    PaymentRequiredError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    TimedOut,
)
from cocalc_facade._calls.answers import judge
from cocalc_facade._calls.meaning.words.lookup import meaning, said_by
from cocalc_facade._calls.meaning.words.table import WORDINGS
from cocalc_facade._calls.meaning.words.wording import LLM_LEAD, THROTTLED, Wording
from cocalc_facade._calls.routes import Route, Routes
from cocalc_facade._errors import InvalidRequestError as NotAPath
from cocalc_facade._wire.flow import Answer
from tests.rows import every_row

from .refusals import PAGE, SEEN, TABLE, page, seen, table

ROUTES = Routes()
PATHS = sorted(OPERATIONS)
JSON = {"content-type": "application/json"}
KINDS = {
    kind
    for kind in vars(cocalc_facade._errors).values()
    if isinstance(kind, type) and issubclass(kind, APIError)
} | {TimedOut}
LLM_WORDS = (
    "There is a problem calling GPT-4. Please try another model, a different prompt, or try again later. "
)
RULE = "(rule: at most 3 requests per second)"


def route(path: str) -> Route:
    try:
        return ROUTES[path]
    except NotAPath:
        return Route(path, None)


def error(path: str, words: Any, status: int = 200, **more: Any) -> CoCalcError:
    body = json.dumps({"error": words, **more}).encode()
    _, found = judge(Answer(status, JSON, body), route(path))
    assert found is not None
    return found


def further() -> list[tuple[str, str, str]]:
    """Refusals of the same server that were not recorded: class, route, words."""
    lines = (Path(__file__).parent / "expected" / "further-refusals.txt").read_text("utf-8").splitlines()
    return [(kind, path, words) for kind, path, words in (line.split("\t", 2) for line in lines)]


def throttled(path: str) -> bool:
    return said_by(next(row for row in WORDINGS if row.routes == THROTTLED), route(path), path)


def test_every_recorded_refusal_has_its_class_in_a_table_that_a_person_has_read() -> None:
    assert table() == TABLE.read_text("utf-8"), (
        "read the difference that `python -m tests.calls.refusals` makes"
    )


def test_no_recorded_refusal_is_unknown() -> None:
    assert "| APIError |" not in TABLE.read_text("utf-8")


@pytest.mark.parametrize("kind", sorted({kind for kind, _, _ in further()}))
def test_a_refusal_that_was_not_recorded_has_the_class_of_its_kin(kind: str) -> None:
    of_the_kind = [(path, words) for name, path, words in further() if name == kind]
    found = [(path, words, error(path, words)) for path, words in of_the_kind]
    wrong = [row for row in found if type(row[2]).__name__ != kind or row[2].path != row[0]]
    assert wrong == []


# The table of wordings.


def one_of(row: Wording) -> str:
    """A route that the row is for."""
    if row.routes == THROTTLED:
        return "messages/get"
    known = [path for path in PATHS if said_by(row, route(path), path)]
    return known[0] if known else row.routes.split()[0] + "hub"


@every_row("row", WORDINGS, ids=lambda row: row.example[:40])
def test_the_example_of_a_row_belongs_to_it(row: Wording) -> None:
    words = row.example.replace(f"{LLM_LEAD}…. ", LLM_WORDS) if row.lead == LLM_LEAD else row.example
    found = meaning(words, route(one_of(row)))
    assert found is not None
    assert found[0] is row


@every_row("row", [row for row in WORDINGS if not row.lead], ids=lambda row: row.example[:40])
def test_no_row_is_found_within_a_text(row: Wording) -> None:
    """What stands before a phrase makes it another's words. Only `… must be …` has any subject, and says that the call may have run."""
    for before in ("% ", "it failed: ", "the cloud said, "):
        found = meaning(before + row.example, route(one_of(row)))
        assert found is None or (found[0].error is InvalidRequestError and found[0].begun), found


def test_the_page_about_errors_has_the_table() -> None:
    assert page() == PAGE.read_text("utf-8"), "run `python -m tests.calls.refusals`"


def test_the_reference_is_made_from_the_errors_that_were_recorded() -> None:
    assert seen() == SEEN.read_text("utf-8"), "run `python -m tests.calls.refusals`, then `make regenerate`"


# Rates.


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        (f"too many requests to messages/get; try again in 1 second {RULE}", 1),
        (f"too many requests to messages/get; try again in 53 seconds {RULE}", 53),
        (f"too many requests to messages/get; try again in 2 minutes {RULE}", 120),
        (f"too many requests to messages/get; try again in 1 hour {RULE}", 3600),
        ("too many requests to messages/get; try again later", None),
    ],
)
def test_the_throttle_says_how_long_to_wait(words: str, seconds: float | None) -> None:
    found = error("messages/get", words)
    assert type(found) is RateLimitError
    assert found.retry_after == seconds
    assert found.rule == (RULE[7:-1] if seconds else None)


@pytest.mark.parametrize(
    ("path", "words", "seconds"),
    [
        ("auth/sign-in", 'Too many attempts per minute to sign in as "x@y.z". Wait one minute, then try again.', 60),
        ("auth/sign-in", "Too many attempts per hour to sign in from your computer. Wait about an hour, then try again.", 3600),
        ("auth/sign-in", "Wait a minute, then try to login again", 60),
        ("auth/sign-in", "Too many attempts", None),
    ],
)  # fmt: skip
def test_other_limits_say_so_without_a_rule_by_which_a_call_would_be_repeated(
    path: str, words: str, seconds: float | None
) -> None:
    found = error(path, words)
    assert type(found) is RateLimitError
    assert (found.retry_after, found.rule) == (seconds, None)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("projects/stop", f"too many requests to projects/stop; try again in 1 second {RULE}"),
        ("messages/get", f"too many requests to messages/send; try again in 1 second {RULE}"),
        ("messages/get", f"too many requests to messages/get; try again in 1 second {RULE} and more"),
        ("messages/get", f"it failed: too many requests to messages/get; try again in 1 second {RULE}"),
        ("messages/get", "too many requests to messages/get; try again in 1 second"),
        ("messages/get", "rate limit exceeded, try again in 1 second"),
        ("made/up", f"too many requests to made/up; try again in 1 second {RULE}"),
        ("projects/create", "project was created, but starting it failed: rate limited; try again in 0.1 seconds"),
        ("exec", "rate limit exceeded, try again in 0.1 seconds"),
        ("auth/sign-in", f"too many requests to auth/sign-in; try again in 1 second {RULE}."),
    ],
)  # fmt: skip
def test_a_refusal_for_rate_is_believed_only_in_the_throttles_own_form_of_a_throttled_route(
    path: str, words: str
) -> None:
    found = error(path, words)
    assert not isinstance(found, RateLimitError) or found.rule is None
    assert found.maybe_executed or isinstance(found, RateLimitError)


def test_status_429_is_believed_and_asks_for_the_wait_in_a_header_or_in_the_throttles_words() -> None:
    answer = Answer(429, {**JSON, "retry-after": "7"}, b'{"error": "slow down; try again in 1 second"}')
    found = judge(answer, route("projects/stop"))[1]
    assert isinstance(found, RateLimitError)
    assert found.retry_after == 7.0
    words = f"too many requests to messages/get; try again in 3 seconds {RULE}"
    assert getattr(error("messages/get", words, 429), "retry_after", None) == 3.0
    assert getattr(error("projects/stop", words, 429), "retry_after", None) is None


# What is quoted.

QUOTES = {
    "exec": "Error executing command 'make' with args 'deploy' -- command 'make' exited with nonzero code 2 -- stderr='{}'",
    "projects/call": "Error executing command 'make' with args '' -- command 'make' exited with nonzero code 2 -- stderr='{}'",
    "latex": "Error executing command 'pdflatex' with args 'a.tex' -- command 'pdflatex' exited with nonzero code 1 -- stderr='{}'",
    "jupyter/execute": "Error: **Unable to Spawn Jupyter Kernel:** {}",
    "projects/copy-path": 'WARNING: copy exited with an error -- 23 -- "rsync: {}"',
    "llm/evaluate": LLM_WORDS + "Error: {}",
    "projects/create": "project was created, but starting it failed: {}",
}
SAID = [
    f"too many requests to exec; try again in 1 second {RULE}",
    "busy, try again in 1 second",
    "API rate limit exceeded",
    "the database system is starting up",
    "must be signed in",
    "permission denied",
    "not found",
    "only admins can do this",
    "Please pay $5.00.",
    "undefined",
    "' -- Error: Async operation 'x' does not exist.",
    "' -- Error: no connection to compute server -- please start or restart it",
    "429 Too Many Requests",
    "Wait one minute, then try again.",
]


@every_row("path", QUOTES)
@every_row("said", SAID)
def test_what_a_command_or_a_service_said_decides_nothing(path: str, said: str) -> None:
    found = error(path, QUOTES[path].format(said))
    expected = {"llm/evaluate": ServerError, "projects/create": APIError}.get(path, CommandError)
    assert type(found) is expected
    assert found.maybe_executed


@every_row(
    "before",
    ["StripeError: ", "StripeCardError: ", "APIConnectionError: ", "postgresql error: ", "FATAL: ", "Error: FATAL: ", "FATAL: StripeError: "],
)  # fmt: skip
@every_row(
    "said",
    [
        f"too many requests to messages/get; try again in 1 second {RULE}",
        "permission denied",
        "must be signed in",
        "only admins can do this",
        "project_id must be a valid uuid",
        "no license with id 3",
    ],
)
def test_what_a_library_or_the_database_said_never_says_that_the_call_did_not_run(
    before: str, said: str
) -> None:
    found = error("messages/get", before + said)
    assert found.maybe_executed
    assert getattr(found, "rule", None) is None


@every_row(
    "words",
    [
        "Access denied for user 'x'@'localhost' (using password: YES)",
        "permission denied for table accounts",
        "must be owner of table accounts",
        'password authentication failed for user "x"',
        "there is no package called 'x'",
        "No server is currently available to service your request.",
        "invalid username or password",
        "Forbidden: bot was blocked by the user",
        "not a member of this organization",
        "Amount must be at least $0.50 usd",
        "temperature must be between 0 and 2",
        "permission denied\nmake: *** [all] Error 2",
        "only admins can " + "read this " * 60,
    ],
)
@every_row("path", ["exec", "latex", "llm/evaluate", "jupyter/execute", "projects/stop", "made/up"])
def test_words_that_others_say_as_well_do_not_say_that_the_call_did_not_run(path: str, words: str) -> None:
    if path == "made/up" and " must be " in words:
        return  # nothing is known of its parameters, which the words seem to name
    assert error(path, words).maybe_executed


@pytest.mark.parametrize("before", ["", "Error: "])
def test_the_throttles_words_may_have_the_name_of_an_error_before_them_and_nothing_else(before: str) -> None:
    words = f"too many requests to messages/get; try again in 1 second {RULE}"
    assert getattr(error("messages/get", before + words), "rule", None) == RULE[7:-1]
    for other in ("callHub -- ", "TypeError: ", "Error: Error: "):
        assert getattr(error("messages/get", other + words), "rule", None) is None


@pytest.mark.parametrize(
    ("words", "code", "stderr"),
    [
        ("Error executing command 'x' with args 'undefined' -- command 'x' exited with nonzero code 3 -- stderr='err\n'", 3, "err\n"),
        ("command ''x' (args=)' exited with nonzero code 1 -- stderr=''", 1, ""),
        ("command 'x' was not able to run -- stderr='{\"code\":\"ENOENT\"}'", None, '{"code":"ENOENT"}'),
        # Here the command itself has the server's words, and nothing is believed.
        ("command 'echo \"' exited with nonzero code 7 -- stderr='\"' exited with nonzero code 3 -- stderr=''", None, None),
        ("command 'x' exited with nonzero code 3 -- stderr='' exited with nonzero code 7 -- stderr=''", None, None),
    ],
)  # fmt: skip
def test_an_exit_code_is_read_where_only_the_server_can_have_written_it(
    words: str, code: int | None, stderr: str | None
) -> None:
    found = error("exec", words)
    assert isinstance(found, CommandError)
    assert (found.exit_code, found.stderr) == (code, stderr)


@pytest.mark.parametrize(
    ("words", "killed"),
    [
        ("killed command 'bash /tmp/a.sh'", True),
        ("Error executing command 'sleep' with args '9' -- killed command 'sleep 9'", True),
        (
            "Error executing command 'x' with args '' -- command 'x' exited with nonzero code 1 -- stderr=''",
            False,
        ),
        (
            "Error executing command 'x' with args '' -- command 'x' exited with nonzero code 1"
            " -- stderr='' -- killed command 'x''",
            False,
        ),
        ("Error executing command 'x' with args '' -- Error: something else", False),
    ],
)
def test_a_command_that_was_killed_at_its_timeout_is_told_apart(words: str, killed: bool) -> None:
    found = error("exec", words)
    assert isinstance(found, CommandError)
    assert found.killed is killed


# What errors tell.


@pytest.mark.parametrize(
    ("path", "words", "field"),
    [
        ("projects/get", "LIMIT must not be negative", "limit"),
        ("projects/get", 'value "99999999999999999999" is out of range for type bigint', None),
        ("projects/get", "operator does not exist: uuid = integer", None),
        ("messages/get", 'syntax error at or near "LIMIT"', None),
        ("accounts/set-name", "value too long for type character varying(254)", None),
        ("purchases/get-service-cost", "e.startsWith is not a function", None),
        ("purchases/get-service-cost", "service.startsWith is not a function", "service"),
        ("latex", "if only_read_pdf is set then project_id must also be set", None),
        ("user-query", "Cannot convert undefined or null to object", None),
        (
            "projects/write-text-file",
            'The "path" argument must be of type string. Received undefined',
            "path",
        ),
        ("accounts/get-names", "account_ids[0] must be a valid uuid", "account_ids"),
        ("auth/password-strength", "Password is required", "password"),
    ],
)
def test_a_parameter_on_which_the_server_stumbles_is_an_invalid_request(
    path: str, words: str, field: str | None
) -> None:
    found = error(path, words)
    assert type(found) is InvalidRequestError
    assert found.field == field


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("Please pay $22.29.", "22.29"),
        ("Please pay $1,022.29.", "1022.29"),
        ("Insufficient credit on your account to complete the purchase (you need $27). …", "27"),
        ("Insufficient credit on your account.", None),
        ("You do not have enough credits to spend $9.  Please add at least $5.01 to your account.", "5.01"),
        ("You do not have enough credits to spend $9.", None),
        ("Payment amount is insufficient to complete transaction.", None),
    ],
)
def test_a_payment_that_is_asked_for_has_its_amount(words: str, amount: str | None) -> None:
    found = error("purchases/edit-license", words)
    assert type(found) is PaymentRequiredError
    assert found.amount == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    ("words", "capability"),
    [
        ("API key lacks required capability 'project:exec' for project x", "project:exec"),
        ("API key lacks required capability 'account:read'", "account:read"),
        ("API key lacks required capability project:exec", "project:exec"),
        ("API keys are not allowed to use user-query", None),
        ("browser sign-in is required", None),
        ("user must be a collaborator on the project", None),
    ],
)
def test_a_lacking_capability_is_named(words: str, capability: str | None) -> None:
    found = error("exec", words)
    assert type(found) is PermissionDeniedError
    assert found.capability == capability


@pytest.mark.parametrize(
    "words", ["API keys are not allowed to …", "browser sign-in is required", "API keys cannot manage account API keys"]
)  # fmt: skip
def test_what_no_key_may_is_told_apart_from_having_no_key(words: str) -> None:
    found = error("api-keys", words)
    assert type(found) is PermissionDeniedError
    assert "no API key may" in (found.hint or "")
    assert "whether or not the key is good" in (found.hint or "")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("not_found", NotFoundError),
        ("invalid", InvalidRequestError),
        ("fresh_auth_required", PermissionDeniedError),
        ("two_factor_required", PermissionDeniedError),
        ("rate_limited", RateLimitError),
        ("something_new", APIError),
    ],
)
def test_a_code_of_a_newer_server_means_more_than_the_words(code: str, kind: type[CoCalcError]) -> None:
    found = error("projects/stop", "some words", code=code)
    assert type(found) is kind
    assert getattr(found, "code", None) == code


def test_a_refused_password_is_not_a_refused_key() -> None:
    for path, words in (
        ("accounts/set-password", "Current password is incorrect."),
        ("accounts/set-email-address", "password is incorrect"),
        ("auth/sign-in", "Problem signing into account -- password for 'x@example.com' is incorrect."),
    ):
        found = error(path, words)
        assert type(found) is InvalidRequestError
        assert "not the key" in str(found)


@pytest.mark.parametrize("path", ["projects/create", "exec", "made/up", "purchases/get-purchases"])
def test_words_that_nobody_knows_do_not_say_that_the_call_did_not_run(path: str) -> None:
    found = error(path, "something new")
    assert type(found) is APIError
    assert found.maybe_executed


@pytest.mark.parametrize(
    "words", ["must be signed in", "project_id must be a valid uuid", "no such thing as x"]
)
def test_only_the_servers_own_checks_say_that_the_call_did_not_run(words: str) -> None:
    assert error("projects/stop", words).maybe_executed == words.startswith("no such")


# Statuses.


@every_row(
    ("status", "kind"),
    [
        (400, "InvalidRequestError"),
        (401, "AuthenticationError"),
        (402, "PaymentRequiredError"),
        (403, "PermissionDeniedError"),
        (404, "NotFoundError"),
        (409, "ConflictError"),
        (410, "NotFoundError"),
        (412, "ConflictError"),
        (418, "APIError"),
        (423, "ConflictError"),
        (429, "RateLimitError"),
        (500, "ServerError"),
        (501, "NotAvailableError"),
        (502, "ServerError"),
        (503, "ServerError"),
        (524, "ServerError"),
    ],
)
@every_row("body", [b'{"error": "something new"}', b"something new", b"", b"<html></html>"])
def test_a_status_that_says_enough_decides(status: int, kind: str, body: bytes) -> None:
    headers = JSON if body.startswith(b"{") else {"content-type": "text/plain"}
    _, found = judge(Answer(status, headers, body), route("projects/stop"))
    assert type(found).__name__ == kind
    assert found is not None
    assert found.maybe_executed == (status >= 500)


@pytest.mark.parametrize(
    ("status", "words", "name", "value"),
    [
        (402, "Please pay $5.01.", "amount", Decimal("5.01")),
        (403, "API key lacks required capability 'project:exec'", "capability", "project:exec"),
        (422, "project_id must be a valid uuid", "field", "project_id"),
        (402, "must be signed in", "amount", None),
        (403, "project_id must be a valid uuid", "capability", None),
    ],
)
def test_words_beside_a_status_that_decides_tell_more_of_the_same(
    status: int, words: str, name: str, value: object
) -> None:
    assert getattr(error("projects/stop", words, status), name) == value


@pytest.mark.parametrize("status", [400, 418])
def test_where_the_status_says_little_the_words_decide(status: int) -> None:
    assert type(error("projects/stop", "must be signed in", status)) is AuthenticationError
    assert type(error("projects/stop", "fetch failed", status)) is ServerError


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize(
    "words", ["must be signed in", f"too many requests to messages/get; try again in 1 second {RULE}"]
)
def test_the_words_of_a_gateway_decide_nothing(status: int, words: str) -> None:
    assert type(error("messages/get", words, status)) is ServerError


@pytest.mark.parametrize(
    "remark", ['Email address "x@y.z" already in use.', "API keys cannot create accounts through sign-up."]
)
def test_a_form_that_cannot_be_filled_in_otherwise_says_so(remark: str) -> None:
    body = json.dumps({"issues": {"api": remark}}).encode()
    _, found = judge(Answer(200, JSON, body), route("auth/sign-up"))
    assert type(found) in (ConflictError, PermissionDeniedError)


# Any text at all.

PIECES = [row.example for row in WORDINGS] + SAID + [words for _, _, words in further()[::7]]
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(PIECES) | st.text(max_size=12), min_size=1, max_size=4).map(" ".join),
    st.tuples(st.text(max_size=9), st.sampled_from(PIECES), st.text(max_size=9)).map("".join),
)


@settings(max_examples=150)
@given(
    path=st.sampled_from(PATHS),
    words=TEXTS,
    shape=st.sampled_from(["error", "event", "response", "status", "issues"]),
)
def test_any_text_of_any_route_has_a_class_and_lets_no_call_be_repeated_but_the_throttles(
    path: str, words: str, shape: str
) -> None:
    value: dict[str, Any] = {
        "error": {"error": words},
        "event": {"event": "error", "error": words},
        "response": {"response": {"event": "error", "error": words}},
        "status": {"status": "error", "error": words},
        "issues": {"issues": {"api": words}},
    }[shape]
    _, found = judge(Answer(200, JSON, json.dumps(value).encode()), route(path), check=False)
    if found is None:
        return
    assert type(found) in KINDS
    assert str(found).isprintable()
    if isinstance(found, RateLimitError) and found.rule is not None:
        own = rf"(?:Error: )?too many requests to {re.escape(path)}; try again in \S+ \w+ \(rule: at most [\w ]+\)"
        assert re.fullmatch(own, words)
        assert throttled(path)


@settings(max_examples=60)
@given(path=st.sampled_from(PATHS), before=st.text(min_size=1, max_size=30), after=st.text(max_size=30))
def test_nothing_around_the_throttles_words_makes_them_its_own(path: str, before: str, after: str) -> None:
    words = f"too many requests to {path}; try again in 1 second {RULE}"
    for text in (before + words + after, words + before):
        found = error(path, text)
        if isinstance(found, RateLimitError) and found.rule is not None:
            assert text.strip().removeprefix("Error: ").strip() == words


# Any length.

LONG = 10_000_000
HOSTILE = [
    "\x1b[2J", "\u202e", "\ud800", " ", "a", "'", "\n", "Error: ", "must be ", "already ", "(rule: ", "aB -- ", "only database sign in password ",
    "There is a problem calling x. ", "' exited with nonzero code 1 -- stderr='", "exited with nonzero code 1 -- stderr='", "Please add at least $",
]  # fmt: skip


@every_row("piece", HOSTILE)
@every_row("start", ["", "Error executing command '", "You do not have enough credits ", "no "])
def test_ten_megabytes_of_hostile_text_cost_little(start: str, piece: str) -> None:
    """A row looks at a thousand characters, whatever the length; the limit is ten times what this takes on a slow machine."""
    words = start + piece * (LONG // len(piece))
    from cocalc_facade._calls.meaning.refusals import refusal

    paths = ("exec", "purchases/get-purchases") if not start else ("exec",)
    for path in paths:
        begin = time.process_time()
        found = refusal({"error": words}, Answer(200, JSON, b""), route(path))
        text = str(found)
        assert time.process_time() - begin < 0.5
        assert text.isprintable()
        assert len(text) < 10_500


def test_a_pattern_looks_at_no_more_than_its_window(monkeypatch: pytest.MonkeyPatch) -> None:
    from cocalc_facade._calls.meaning.words import lookup

    seen: list[int] = []

    class Counting:
        def __init__(self, pattern: str) -> None:
            self.pattern = re.compile(pattern, re.IGNORECASE | re.DOTALL)

        def fullmatch(self, text: str) -> re.Match[str] | None:
            seen.append(len(text))
            return self.pattern.fullmatch(text)

    monkeypatch.setattr(lookup, "_compiled", Counting)
    assert meaning("x" * 1_000_000, route("exec")) is None
    assert len(seen) > 50
    assert max(seen) < 1100


@every_row("row", WORDINGS, ids=lambda row: row.example[:40])
def test_no_pattern_takes_long_for_a_text_of_the_longest_that_it_sees(row: Wording) -> None:
    pattern = re.compile(row.pattern, re.IGNORECASE | re.DOTALL)
    begin = time.process_time()
    for piece in HOSTILE:
        for start in (row.example[:20], row.example[:60], ""):
            pattern.fullmatch((start + piece * 1000)[:1001])
    assert time.process_time() - begin < 0.5


@pytest.mark.parametrize("word", ["only ", "database ", "sign in password "])
def test_a_refusal_of_any_length_is_understood_by_its_ends(word: str) -> None:
    filler = word * 200_000
    assert type(error("exec", f"Error executing command '{filler}' -- killed command 'x'")) is CommandError
    words = f"Error executing command '{filler}' with args 'x' -- Error: no connection to compute server -- please start or restart it"
    assert type(error("exec", words)) is ServerError
    words = f"Error executing command '{filler}' with args 'x' -- Error: Async operation 'x' does not exist."
    assert type(error("exec", words)) is NotFoundError
    assert isinstance(error("projects/get", filler), APIError)
