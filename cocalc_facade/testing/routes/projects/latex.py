"""latex: a source becomes a small PDF and a log, or the failure that a bad one gives."""

from __future__ import annotations

import posixpath
import re
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import UNDEFINED
from cocalc_facade.testing.wire.postgres import sql_text
from cocalc_facade.testing.wire.refusals import Refusal, Unanswered
from cocalc_facade.testing.world.state import Blob, Project

from .pdf import small_pdf
from .projects import ensure_running

BLOB_SECONDS = 86_400.0
LARGE = 10_000_000
CLASSES = {
    "article",
    "amsart",
    "beamer",
    "book",
    "letter",
    "memoir",
    "minimal",
    "report",
    "scrartcl",
    "standalone",
}


def latex(call: Call) -> Any:
    """Compile; failure is inside the answer."""
    account_id = call.account_id("must be authenticated")
    path = call.get("path")
    if not isinstance(path, str) or not path.endswith(".tex"):
        raise Refusal("path must be specified and end in .tex")
    if call.get("only_read_pdf") and call.get("project_id", None) is None:
        raise Refusal("if only_read_pdf is set then project_id must also be set")
    if call.get("only_read_pdf") and path.startswith("/tmp/"):  # noqa: S108 - a path in the stand-in
        raise Refusal(
            "if only_read_pdf is set then path must not start with /tmp (otherwise the pdf would be removed)"
        )
    project = _project(call, account_id)
    ensure_running(call, project)
    if call.get("only_read_pdf"):
        pdf, url = _read_pdf(call, project, path)
        return {"url": url, "pdf": pdf}
    if call.get("content") not in (UNDEFINED, None):
        whole = project.files.resolve(path)
        project.files.make_directory(posixpath.dirname(whole), call.world.now())
        project.files.write(whole, sql_text(call.get("content")).encode(), call.world.now())
    compiled = _compile(call, project, path)
    cut = call.site.oddities.cut_seconds
    if cut is not None and call.seconds >= cut:
        call.seconds = cut
        raise Unanswered
    pdf, url = _read_pdf(call, project, path)
    if path.startswith("/tmp/"):  # noqa: S108 - a path in the stand-in
        for suffix in (".tex", ".pdf"):
            project.files.remove(project.files.resolve(path.removesuffix(".tex") + suffix))
    return {"compile": compiled, "url": url, "pdf": pdf}


def _project(call: Call, account_id: str) -> Project:
    wanted = call.get("project_id", None)
    if wanted is not None:
        if not call.collaborates(wanted):
            raise Refusal("must be signed in as a collaborator on the project")
        return call.world.projects[wanted.lower()]
    mine = call.world.projects_of(account_id)
    return mine[0] if mine else call.world.add_project(account_id, "Untitled Project")


def _compile(call: Call, project: Project, path: str) -> dict[str, Any]:
    slept = re.findall(r"\bsleep (\d+)", sql_text(call.get("command") or ""))
    call.seconds += call.site.oddities.latex_seconds + sum(map(int, slept))
    name = posixpath.basename(path)
    stem = name.removesuffix(".tex")
    source = project.files.read(project.files.resolve(path))
    text = None if source is None else source.decode("utf-8", "replace")
    command = call.get("command") or f"latexmk -pdf -f -g -bibtex -deps -interaction=nonstopmode {name}"
    code = 12 if text is None or _fault_in(text) else 0
    log = _log(name, stem) if code == 0 else _bad_log(name, stem, text)
    if text is not None and code == 0:
        content = small_pdf(re.sub(r"\\\w+(\{[^}]*\})?|[{}$]", " ", text).split())
        # A file that the source embeds makes the PDF as large as it is.
        for embedded in re.findall(r"\bstream file \{([^}]+)\}", text):
            content += (
                project.files.read(project.files.resolve(posixpath.join(posixpath.dirname(path), embedded)))
                or b""
            )
        project.files.write(
            project.files.resolve(path.removesuffix(".tex") + ".pdf"), content, call.world.now()
        )
    # A line that goes on after latexmk tells its exit code itself, and succeeds.
    followed = re.search(r";\s*echo \"([^\"]*)\"\s*$", sql_text(command))
    if followed:
        log += followed[1].replace("$?", str(code)) + "\n"
    elif code:
        return {
            "event": "error",
            "id": call.world.uuid(),
            "error": f"Error executing command '{command}' with args 'undefined' -- command '{command}' exited with "
            f"nonzero code 12 -- stderr='Failure to make '{stem}.pdf'\n'",
        }
    return {
        "event": "project_exec_output",
        "id": call.world.uuid(),
        "stdout": log,
        "stderr": f"Failure to make '{stem}.pdf'\n" if code else "",
        "exit_code": 0,
        "type": "blocking",
    }


def _fault_in(text: str | None) -> str | None:
    """What makes a source bad: no document, no end of it, braces that do not match, an undefined macro."""
    if text is None:
        return "no file"
    bare = re.sub(r"(?<!\\)%.*|\\[{}]", "", text)
    if "\\begin{document}" not in bare or "\\documentclass" not in bare:
        return "no document"
    if "\\end{document}" not in bare:
        return "no end"
    if bare.count("{") != bare.count("}"):
        return "braces"
    written = bare.partition("\\begin{document}")[2].partition("\\end{document}")[0]
    if not written.strip():
        return "no page"
    known = re.search(r"\\documentclass(\[[^]]*\])?\{(\w+)\}", bare)
    if known is None or known[2] not in CLASSES:
        return "no class"
    return "macro" if re.search(r"\\undefined", bare) else None


def _read_pdf(call: Call, project: Project, path: str) -> tuple[dict[str, Any], Any]:
    target = path.removesuffix(".tex") + ".pdf"
    whole = project.files.resolve(target)
    tag = call.world.uuid()
    content = project.files.read(whole)
    if content is None:
        return {
            "event": "error",
            "id": tag,
            "error": f"Error: ENOENT: no such file or directory, stat '{whole}'",
        }, UNDEFINED
    if len(content) > LARGE:
        words = f"Error: Attempt to open large file of size {round(len(content) / 1e6)}MB; the maximum allowed size is 10MB."
        more = "Use vim, emacs, or pico from a terminal instead."
        return {"event": "error", "id": tag, "error": f"{words} {more}"}, UNDEFINED
    data_uuid, now = call.world.uuid(), call.world.now()
    late = call.site.oddities.pdf_seconds
    since = now + call.seconds + late if late else now
    # Whatever `ttl` says: it was seen to have no effect.
    call.world.blobs[data_uuid] = Blob(content, posixpath.basename(target), now + BLOB_SECONDS, since)
    url = f"{call.site.site_url}/blobs/{target}?uuid={data_uuid}"
    return {"event": "file_read_from_project", "id": tag, "data_uuid": data_uuid}, url


def _log(name: str, stem: str) -> str:
    return (
        f"{_head(name)}"
        f"Output written on {stem}.pdf (1 page, 900 bytes).\nTranscript written on {stem}.log.\n"
        "Latexmk: All targets () are up-to-date\n"
        f"#===Dependents, and related info, for {name}:\n{stem}.pdf :\\\n    {name}\n"
        f"#===End dependents for {name}:\n\n"
    )


def _bad_log(name: str, stem: str, text: str | None) -> str:
    lines = (text or "").splitlines() or [""]
    at = next((i for i, line in enumerate(lines) if "\\undefined" in line), len(lines) - 1)
    what = "Undefined control sequence." if "\\undefined" in lines[at] else "Emergency stop."
    return (
        f"{_head(name)}./{name}:{at + 1}: {what}\nl.{at + 1} {lines[at]}\n"
        f"Transcript written on {stem}.log.\nLatexmk: Errors, so I did not complete making targets\n"
    )


def _head(name: str) -> str:
    return (
        "Rc files read:\n  /etc/LatexMk\n"
        "Latexmk: This is Latexmk, John Collins, 7 Jan. 2023. Version 4.79.\n"
        "Latexmk: applying rule 'pdflatex'...\n"
        "------------\nRun number 1 of rule 'pdflatex'\n------------\n"
        f"Running 'pdflatex  -interaction=nonstopmode -recorder  \"{name}\"'\n------------\n"
        "This is the stand-in: nothing was typeset.\n"
    )
