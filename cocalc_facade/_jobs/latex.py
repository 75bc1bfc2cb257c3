"""Compiling LaTeX in a project: the PDF, the log, and the errors with file and line."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import attrs
from cocalc_v2.tables import counted

from cocalc_facade._calls.download import download
from cocalc_facade._calls.engine import call
from cocalc_facade._calls.meaning.promises import UNDONE
from cocalc_facade._errors import (
    CoCalcError,
    CommandError,
    InvalidRequestError,
    NotFoundError,
    TimedOut,
    UnexpectedResponse,
)
from cocalc_facade._json.records import Record
from cocalc_facade._wire.flow import Sleep

from .texlog import LatexMessage, messages
from .values.checks import identifier, location, plain_text, positive, refuse, whole
from .values.shapes import an_object, inner, integer, text

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

# The server answers within 60 s; a compilation allowed to take longer than this may be cut off and is then waited for.
CUT = 45.0
LONGEST = 3600.0
EMBEDDED = 8_000_000
SHOWN = 20
"""Errors that a page lists."""
# The server answers before it has saved the PDF: measured, for a moment its address says that there is none.
SAVING = 12.0
EXIT_MARK = "latexmk exit code: "
PARTS = ("compile", "pdf", "error")
"""What an answer has that tells of a compilation."""


@attrs.frozen(repr=False)
class LatexResult(Record):
    """What came of compiling: `errors`, the `log`, and the PDF, which LaTeX often makes in spite of errors.

    In Jupyter it shows the PDF, or the errors when there is none. `planned` says that nothing was compiled, because the client is in a dry run.
    """

    path: str
    log: str
    errors: tuple[LatexMessage, ...]
    warnings: tuple[LatexMessage, ...]
    data: bytes | None = attrs.field(default=None)
    failure: str | None = None
    planned: bool = False

    @property
    def ok(self) -> bool:
        """Whether there is a PDF and LaTeX complained of no error."""
        return self.data is not None and not self.errors and self.failure is None

    @property
    def pdf(self) -> bytes:
        """The PDF. Raises CommandError with the first LaTeX error when none was made."""
        if self.data is None:
            raise self._error()
        return self.data

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the PDF to `path`, replacing it as a whole, and give the path. Raises CommandError when none was made; in a dry run nothing is written."""
        if self.planned:
            return Path(path)
        from cocalc_v2.tables import save

        return save(path, self.pdf)

    def check(self) -> None:
        """Raise CommandError unless everything went well."""
        if not self.ok:
            raise self._error()

    def _error(self) -> CommandError:
        words = str(self.errors[0]) if self.errors else self.failure or "LaTeX made no PDF"
        left = len(self.errors) - 1
        more = f" (and {counted(left, 'more error')})" if left > 0 else ""
        return CommandError(f"{self.path}: {words}{more}", path="latex")

    def __repr__(self) -> str:
        size = "no PDF" if self.data is None else f"{counted(len(self.data), 'byte')} of PDF"
        first = f": {self.errors[0]}" if self.errors else f": {self.failure}" if self.failure else ""
        return f"<LatexResult {self.path}: {size}, {counted(len(self.errors), 'error')}{first}>"

    def _repr_html_(self) -> str:
        """Give the PDF as a browser shows it, with a link that saves it for one that cannot, under the errors."""
        from html import escape

        complaints = "".join(f"<li><code>{escape(str(error))}</code></li>" for error in self.errors[:SHOWN])
        if len(self.errors) > SHOWN:
            complaints += f"<li>… and {counted(len(self.errors) - SHOWN, 'more error')}</li>"
        listed = f"<ul>{complaints}</ul>" if complaints else ""
        about = f"<p>{escape(repr(self))}</p>"
        if self.data is None:
            return f"{about}{listed}"
        if len(self.data) > EMBEDDED:
            return f"{about}<p>The PDF is too large to show here: save(path) writes it.</p>{listed}"
        source = f"data:application/pdf;base64,{_encoded(self.data)}"
        name = escape(PurePosixPath(self.path).with_suffix(".pdf").name)
        link = f'<a href="{source}" download="{name}">{name}, {counted(len(self.data), "byte")}</a>'
        return f'{listed}<p>{link}</p><embed src="{source}" type="application/pdf" width="100%" height="600">'

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, str]:
        bundle = {"text/plain": repr(self), "text/html": self._repr_html_()}
        if self.data is not None and len(self.data) <= EMBEDDED:
            bundle["application/pdf"] = _encoded(self.data)
        return bundle


def _encoded(data: bytes) -> str:
    from base64 import b64encode

    return b64encode(data).decode("ascii")


def compile_latex(
    session: Session,
    source: str | os.PathLike[str] | None = None,
    *,
    path: str | None = None,
    project_id: object | None = None,
    command: str | None = None,
    timeout: float = 30.0,
    ttl: int = 3600,
    check: bool = False,
) -> Flow[LatexResult]:
    """Compile and give what came of it."""
    content = _content(source)
    seconds = _seconds(timeout)
    if path is None and content is None:
        raise refuse("source", "give LaTeX source, or the path of a .tex file in the project")
    if path is None and seconds > CUT:
        raise refuse("timeout", f"above {CUT:g} s needs path= and project_id=: the server cuts at 60 s, and only a "
                     "file in a project can be waited for")  # fmt: skip
    where = f"/tmp/{uuid4().hex}.tex" if path is None else location(path)  # noqa: S108 - the project's /tmp, not ours
    if not where.endswith(".tex"):
        raise refuse("path", f"{where!r} must end in .tex")
    request: dict[str, Any] = {
        "path": where,
        "command": _command(where) if command is None else plain_text(command, "command"),
        "timeout": seconds,
        "ttl": whole(ttl, "ttl", 60),
    }
    if content is not None:
        request["content"] = content
    if project_id is not None:
        request["project_id"] = identifier(project_id)
    lasting = project_id is not None and not where.startswith("/tmp/")  # noqa: S108
    if seconds > CUT and not lasting:
        raise refuse("timeout", f"above {CUT:g} s needs project_id= and a path outside /tmp")
    session = session.for_one_job()
    if project_id is None:
        yield from _refuse_a_projects_key(session)
    before = (yield from _read_pdf(session, request)) if lasting and seconds > CUT else None
    deadline = session.now() + seconds + 30.0
    try:
        answer = yield from call(session, "latex", request, timeout=90.0, any_answer=True)
    except TimedOut as error:
        if not lasting or seconds <= CUT or not error.maybe_executed:
            raise
        answer = {}
    answer = an_object(answer, "latex")
    blob = _blob(answer)
    if blob is None and "pdf" not in answer and lasting and seconds > CUT:
        blob = yield from _await_pdf(session, request, before, deadline)
    data = (yield from _download(session, where, blob)) if blob else None
    if session.plan is not None:
        return LatexResult(where, "", (), (), None, "a dry run compiles nothing", planned=True)
    if answer and blob is None and not any(answer.get(part) for part in PARTS):
        raise UnexpectedResponse(
            "the answer is about no compilation", path="latex", hint=UNDONE, maybe_executed=True
        )
    result = _result(where, answer, data, unsaved=blob is not None)
    if check:
        result.check()
    return result


def _refuse_a_projects_key(session: Session) -> Flow[None]:
    """Stop where the server, told no project, would make one that belongs to nobody: it takes a project's key for an account."""
    try:
        answer = yield from call(
            session.view({"max_retries": 0}),
            "user-query",
            {"query": {"accounts": {"account_id": None}}},
            timeout=10.0,
        )
    except CoCalcError:
        return  # whoever this is, the compilation itself will tell
    if answer == {"query": {}}:
        raise InvalidRequestError(
            "project_id: a project's key compiles in its own project only, which has to be named",
            field="project_id",
            path="latex",
            hint="without it the server makes a new project that belongs to nobody; nothing was compiled",
        )


def _content(source: str | os.PathLike[str] | None) -> str | None:
    if source is None:
        return None
    if isinstance(source, os.PathLike):
        return Path(source).read_text(encoding="utf-8")
    if source.endswith(".tex") and "\n" not in source and "\\" not in source:
        raise refuse(
            "source",
            f"{source!r} looks like a path",
            "path= is for a file in the project, pathlib.Path for one here",
        )
    return plain_text(source, "source")


def _seconds(timeout: object) -> float:
    seconds = positive(timeout, "timeout", LONGEST)
    if seconds < 5:
        raise refuse("timeout", f"must be at least 5, not {seconds:g}")
    return seconds


def _command(path: str) -> str:
    """Give the server's own latexmk line, with file and line in the messages, and an exit code that keeps the log on failure."""
    name = shlex.quote(PurePosixPath(path).name)
    return (
        "env max_print_line=1000 latexmk -pdf -f -g -bibtex -deps -file-line-error -interaction=nonstopmode "
        f'{name}; echo "{EXIT_MARK}$?"'
    )


def _blob(answer: Any) -> str | None:
    """Give the id of the PDF's bytes. The answer's own url is not used: its host is the site's setting, not this server."""
    blob = text(inner(answer, "pdf").get("data_uuid"))
    if not blob and isinstance(answer, dict):
        match = re.search(r"[?&]uuid=([0-9a-fA-F-]{36})", str(answer.get("url") or ""))
        blob = match.group(1) if match else None
    return blob or None


def _read_pdf(session: Session, request: dict[str, Any]) -> Flow[bytes | None]:
    """Give the PDF that lies beside the source now, or None."""
    wanted = {name: request[name] for name in ("path", "project_id", "ttl")}
    answer = yield from call(
        session, "latex", {**wanted, "only_read_pdf": True}, timeout=90.0, repeatable=True, any_answer=True
    )
    blob = _blob(answer)
    return (yield from _download(session, request["path"], blob)) if blob else None


def _await_pdf(session: Session, request: dict[str, Any], before: bytes | None, deadline: float) -> Flow[str]:
    """Wait for a PDF that is new, whole and no longer changing: latexmk rewrites it at each run."""
    wanted = {name: request[name] for name in ("path", "project_id", "ttl")}
    last: bytes | None = None
    while session.now() < deadline:
        yield Sleep(min(4.0, max(session.until - session.now(), 0.0)))
        if session.now() >= session.until:
            break
        try:
            answer = yield from call(
                session,
                "latex",
                {**wanted, "only_read_pdf": True},
                timeout=90.0,
                repeatable=True,
                any_answer=True,
            )
        except TimedOut:
            continue
        blob = _blob(answer)
        data = (yield from _download(session, request["path"], blob)) if blob else None
        if blob and data and data != before and data == last and b"%%EOF" in data[-1024:]:
            return blob
        last = data
    raise TimedOut(
        f"{request['path']} was still not compiled after {request['timeout']:g} s",
        path="latex",
        maybe_executed=True,
    )


def _download(session: Session, path: str, blob: str) -> Flow[bytes | None]:
    """Give the PDF of that id; None when the server, asked for some seconds, does not have it."""
    name = quote(PurePosixPath(path).with_suffix(".pdf").name)
    target = f"blobs/{name}?{urlencode({'uuid': blob})}"
    end = min(session.now() + SAVING, session.until)
    pause = 0.3
    while True:
        try:
            return (yield from download(session, target))
        except NotFoundError:
            left = end - session.now()
            if left <= 0:
                return None
        yield Sleep(min(pause, left))
        pause = min(pause * 1.5, 2.0)


def _result(path: str, answer: dict[str, Any], data: bytes | None, *, unsaved: bool = False) -> LatexResult:
    compiled = inner(answer, "compile")
    log = text(compiled.get("stdout")) or ""
    stderr = text(compiled.get("stderr")) or ""
    errors, warnings = messages(log)
    failure = None
    if compiled.get("event") == "error" or compiled.get("error"):
        failure = _reason(str(compiled.get("error") or "the compilation failed"))
    elif answer.get("error"):
        failure = _reason(str(answer["error"]))
    elif (code := _exit_code(log, compiled)) and not errors:
        failure = _lacking(log + stderr) or f"latexmk exited with {code}"
    if data is None and unsaved:
        failure = f"LaTeX made a PDF, but for {SAVING:g} s the server had none at its address; compile again"
    elif data is None and failure is None and not errors:
        failure = text(inner(answer, "pdf").get("error")) or "the server gave no PDF"
    log = "\n".join(part for part in (log.split(EXIT_MARK)[0], stderr) if part)
    return LatexResult(path, log, tuple(errors), tuple(warnings), data, failure)


def _exit_code(log: str, compiled: dict[str, Any]) -> int:
    match = re.search(re.escape(EXIT_MARK) + r"(\d+)\s*$", log)
    return int(match.group(1)) if match else integer(compiled.get("exit_code")) or 0


def _lacking(words: str) -> str | None:
    """Give what latexmk says when the document itself is not there."""
    match = re.search(r"^(?:Latexmk: )?[ \t]*(Could not find file .+)", words, re.MULTILINE)
    return match.group(1).strip() if match else None


def _reason(error: str) -> str:
    match = re.search(r"exited with nonzero code (\d+) -- stderr='(.*)'$", error, re.DOTALL)
    if match:
        return f"latexmk exited with {match.group(1)}: {' '.join(match.group(2).split())}"
    return " ".join(error.split())
