"""What the server says of commands, of too many calls, and of language models."""

from __future__ import annotations

from cocalc_facade._errors import (
    AuthenticationError,
    CommandError,
    InvalidRequestError,
    NotAvailableError,
    NotFoundError,
    PaymentRequiredError,
    RateLimitError,
    ServerError,
    TimedOut,
)

from .wording import (
    ACCOUNTS,
    ANY,
    COMMANDS,
    CUT,
    KERNEL_CUT,
    KEY,
    LLM,
    LLM_LEAD,
    NOT_ENOUGH,
    SET_UP,
    SHORT_CUT,
    SILENT,
    THROTTLED,
    Wording,
)

_ARGS = r"Error executing command '[^']{0,300}' with args '[^']{0,300}' -- "
_AGAIN = (
    r"; try again in (?P<wait>\d{1,9}(?:\.\d{1,9})?) (?P<unit>second|minute|hour)s?"
    r" \(rule: (?P<rule>at most [\w ]{1,80})\)"
)

# What became of a command, a copy, a kernel.
RAN = (
    Wording(
        "jupyter/",
        "undefined",
        r"undefined",
        TimedOut,
        KERNEL_CUT,
        begun=True,
    ),
    Wording(
        COMMANDS,
        "undefined",
        r"undefined",
        TimedOut,
        CUT,
        begun=True,
    ),
    Wording(
        ANY,
        "undefined",
        r"undefined",
        ServerError,
        SILENT,
        begun=True,
    ),
    Wording(
        "exec api/conat/",
        "timeout",
        r"timeout",
        TimedOut,
        SHORT_CUT,
        begun=True,
    ),
    Wording(
        "exec projects/ api/conat/",
        "timeout - Error: operation has timed out …",
        r"(?:timeout - Error: )?operation has timed out\b.*",
        TimedOut,
        begun=True,
    ),
    Wording(
        "exec",
        "Error executing command '…' with args '…' -- Error: no connection to compute server -- please start or restart it",
        r"Error executing command '.*' -- Error: no connection to compute server -- please (?:start|restart)[\w ]{0,20}",
        ServerError,
        begun=True,
        at_end=True,
    ),
    Wording(
        "exec",
        "Error executing command 'undefined' with args 'undefined' -- Error: Async operation '…' does not exist.",
        r"Error executing command '.*' -- Error: Async operation '[^']{0,100}' does not exist\.",
        NotFoundError,
        at_end=True,
    ),
    Wording(
        "exec",
        "Async operation '…' does not exist.",
        r"Async operation '[^']{0,100}' does not exist\.?",
        NotFoundError,
    ),
    Wording(
        "exec projects/call",
        "Error executing command 'ls' with args 'x' -- error TypeError [ERR_INVALID_ARG_TYPE]: The \"args\" argument must be …",
        _ARGS
        + r"error TypeError \[ERR_INVALID_ARG_(?:TYPE|VALUE)\]: The (?:\"|argument '?)?(?P<field>\w{1,80}).*",
        InvalidRequestError,
    ),
    Wording(
        COMMANDS,
        "Error executing command '…' with args '…' -- …",
        r"Error executing command '.*",
        CommandError,
        begun=True,
    ),
    Wording(
        COMMANDS,
        "command '…' exited with nonzero code 3 -- stderr='…'",
        r"command '.*",
        CommandError,
        begun=True,
    ),
    Wording(
        COMMANDS,
        "killed command '…'",
        r"killed command '.*",
        CommandError,
        begun=True,
    ),
    Wording(
        "exec",
        "spawn E2BIG",
        r"(?:spawn (?:[^\n]{1,300} )?E[A-Z0-9]{2,20}|E[A-Z0-9]{2,20}: [^\n]{1,600})",
        CommandError,
        begun=True,
    ),
    Wording(
        "jupyter/",
        "**Unable to Spawn Jupyter Kernel:** …",
        r"\*{0,2}Unable to Spawn Jupyter Kernel\b.*",
        CommandError,
        begun=True,
    ),
    Wording(
        "projects/copy-",
        "WARNING: copy exited with an error -- …",
        r"WARNING: copy exited with an error\b.*",
        CommandError,
        begun=True,
    ),
)

# Too many calls. Only the first two, with a rule, let a call be repeated.
RATES = (
    Wording(
        THROTTLED,
        "too many requests to messages/get; try again in 9 seconds (rule: at most 3 requests per second)",
        r"too many requests to (?P<route>[\w/-]{1,80})" + _AGAIN,
        RateLimitError,
    ),
    Wording(
        "user-query",
        "too many requests to user_query-create_message; try again in 9 seconds (rule: at most 3 requests per second)",
        r"too many requests to user_query-create_message" + _AGAIN,
        RateLimitError,
    ),
    Wording(
        THROTTLED,
        "too many requests to messages/get; try again later",
        r"too many requests to (?P<route>[\w/-]{1,80}); try again later",
        RateLimitError,
    ),
    Wording(
        ACCOUNTS,
        'Too many attempts per minute to sign in as "…". Wait one minute, then try again.',
        (
            r"Too many attempts per (?:minute|hour) to [\w ]{1,40}(?:\"[^\n]{0,320}\")?\."
            r" Wait (?P<wait>one|an?|about an) (?P<unit>minute|hour), then try again\."
        ),
        RateLimitError,
    ),
    Wording(
        ACCOUNTS,
        "Wait a minute, then try to login again",
        r"Wait (?P<wait>one|an?|about an) (?P<unit>minute|hour), then try to log ?in again\.?",
        RateLimitError,
    ),
    Wording(
        ACCOUNTS,
        "Too many attempts",
        (
            r"Too many (?:[\w-]+ ){0,3}(?:attempts|requests|codes|messages|emails)\b.*"
            r"|(?:please )?wait (?:before|a (?:few|minute|moment|while))\b.*"
        ),
        RateLimitError,
    ),
    Wording(
        "auth/password-reset",
        'We recently sent multiple password resets for "…". …',
        r"We recently sent multiple password resets for .*",
        RateLimitError,
    ),
    Wording(
        "purchases/email-statement",
        "statement already sent recently (wait at least an hour)",
        r"statement already sent recently\b.*",
        RateLimitError,
    ),
    Wording(
        "jupyter/",
        "You may use at most 900 seconds of compute time per 1 hour. …",
        r"(?:You may use at most \d+ seconds of compute time|There is too much overall usage)\b.*",
        RateLimitError,
    ),
    Wording(
        LLM,
        "There is a problem calling …. You may use at most 100000 tokens per hour. …",
        r"(?:You may use at most \d+ tokens per|There is too much usage of)\b.*",
        RateLimitError,
        lead=LLM_LEAD,
    ),
)

# What the call of an LLM came to: what else is quoted may be anybody's words.
MODELS = (
    Wording(
        LLM,
        "There is a problem calling …. You must create an account.",
        r"You must create an account\.?",
        AuthenticationError,
        KEY,
        lead=LLM_LEAD,
    ),
    Wording(
        LLM,
        "There is a problem calling …. Google GenAI is not enabled.",
        (
            r"[\w .-]{1,60} (?:(?:is|are) )?(?:not enabled|not configured|disabled)\.?"
            r"|Model \"[^\"\n]{1,100}\" is disabled\.?"
        ),
        NotAvailableError,
        SET_UP,
        lead=LLM_LEAD,
    ),
    Wording(
        LLM,
        'There is a problem calling …. Invalid model "…"',
        r"Invalid model \"[^\"\n]{1,100}\"",
        InvalidRequestError,
        lead=LLM_LEAD,
    ),
    Wording(
        LLM,
        "There is a problem calling …. You do not have enough credits … Please add at least $5 to your account.",
        NOT_ENOUGH,
        PaymentRequiredError,
        lead=LLM_LEAD,
    ),
    Wording(
        LLM,
        "There is a problem calling …. …",
        r".*",
        ServerError,
        begun=True,
        lead=LLM_LEAD,
    ),
)
