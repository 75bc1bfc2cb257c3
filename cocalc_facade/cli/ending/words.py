"""What the client says to programs in Python, in the words of the command line."""

from __future__ import annotations

import re

NAME = "cocalc-facade"

_Rules = tuple[tuple[re.Pattern[str], str], ...]

_JOBS: _Rules = (
    (re.compile(r"client\.wait_for_command\('([^']*)', '([^']*)'\)"), rf"`{NAME} jobs wait \1 \2`"),
    (re.compile(r"client\.stop_command\('([^']*)', '([^']*)'\)"), rf"`{NAME} jobs stop \1 \2`"),
)
_RULES: _Rules = (
    *_JOBS,
    (
        re.compile(r"; `\.outcomes` holds them, resume= continues"),
        "; with --journal the same command continues",
    ),
    (re.compile(r"the key is the first argument"), "the key belongs into COCALC_API_KEY or a file"),
    (
        re.compile(r"make another client without read_only; a view of this one cannot allow it"),
        "leave out --read-only, COCALC_READ_ONLY and the profile's read_only",
    ),
    (re.compile(r"map a function that uses client\.call"), f"`{NAME} call --no-check`, for each"),
    (
        re.compile(r"give it as api_key= or in COCALC_API_KEY"),
        "put it into COCALC_API_KEY, or into a file that COCALC_API_KEY_FILE or a profile names",
    ),
    (
        re.compile(r"projects\.copy_path_status\(copy_id='([^']*)'\)"),
        rf"`{NAME} call projects/copy-path-status -f copy_id=\1`",
    ),
    (re.compile(r"\bthis client is read_only\b"), "only reading is allowed"),
    (re.compile(r"client\.routes\(\)"), f"`{NAME} schema routes`"),
    (re.compile(r"client\.cart\.recent\(\)"), f"`{NAME} cart recent`"),
    (re.compile(r"client\.project\(…\)\.state\(\)"), f"`{NAME} projects state`"),
    (re.compile(r"client\.project\(project_id\)"), "PROJECT is its id"),
    (re.compile(r"client\.run\b"), f"`{NAME} run`"),
    (re.compile(r"call\((?:\.\.\.|…), check=False\)"), "--no-check"),
    (re.compile(r"\bexpires=timedelta\(days=(\d+)\)"), r"--expires \1d"),
    (re.compile(r"\b(?:pass |give )?confirm=True\b"), "--yes"),
    (re.compile(r"\boverwrite_newer=True\b"), "--overwrite"),
    (re.compile(r"\ballow_plain_http=True\b"), "allow_plain_http = true in a profile"),
    (re.compile(r"\blive=True, the default,"), "without --no-live it"),
    (re.compile(r"\bleave live=False out\b"), "leave --no-live out"),
    (re.compile(r"\bthe argument base_url\b"), "--host"),
    (re.compile(r"\bbase_url\b"), "the host"),
    (re.compile(r"\b([a-z]+)=\"([a-z]+)\""), r"--\1 \2"),
    (re.compile(r"\b([a-z]+)=True\b"), r"--\1"),
    (re.compile(r"\b([a-z]+)=False\b"), r"--no-\1"),
    (re.compile(r"(?<![\w-])([a-z]+)_([a-z]+)=(?=[\s,;:)]|$)"), r"--\1-\2"),
    (re.compile(r"(?<![\w-])([a-z]+)=(?=[\s,;:)]|$)"), r"--\1"),
)


def here(text: str) -> str:
    """Say what to type here, where a text of ours says what to write in Python."""
    return _changed(text, _RULES)


def jobs_here(text: str) -> str:
    """Say how to get at a job, in a text that may quote what others wrote, of which no more is changed."""
    return _changed(text, _JOBS)


def _changed(text: str, rules: _Rules) -> str:
    for pattern, typed in rules:
        text = pattern.sub(typed, text)
    return text
