"""Running code in a kernel of a project or of the site, and which kernels there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from cocalc_facade._calls.engine import call
from cocalc_facade._calls.generations.asking import refuse_on_newer
from cocalc_facade._calls.guarding.placeholders import is_placeholder
from cocalc_facade._errors import UnexpectedResponse
from cocalc_facade._jobs.values.checks import identifier, location, parsed_time, plain_text, refuse, truth
from cocalc_facade._jobs.values.rows import Row, Rows
from cocalc_facade._jobs.values.shapes import an_object, objects, text

from .evaluation import PATH, Evaluation, kept

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

KERNELS = "jupyter/kernels"


@attrs.frozen(repr=False)
class Kernel(Row):
    """A kernel: `name` is what `evaluate` takes; `fields` is all that the server tells of it."""

    name: str
    display_name: str | None = None
    language: str | None = None
    fields: dict[str, Any] = attrs.field(factory=dict, repr=False)


@attrs.frozen(repr=False)
class Kernels(Rows[Kernel]):
    """The kernels of a project, or of the site."""


def evaluate(
    session: Session,
    code: object,
    kernel: object,
    project_id: object | None,
    *,
    history: Sequence[str],
    cwd: object,
    cache: bool,
    check: bool,
) -> Flow[Evaluation]:
    """Run code in a fresh kernel, and give what it put out."""
    request: dict[str, Any] = {
        "input": plain_text(code, "code"),
        "kernel": plain_text(kernel, "kernel"),
        "noCache": not truth(cache, "cache"),
    }
    truth(check, "check")
    if isinstance(history, str) or not isinstance(history, Sequence):
        raise TypeError("history: expected a list of texts")
    if history:
        request["history"] = [plain_text(one, "history") for one in history]
    if project_id is not None:
        request["project_id"] = identifier(project_id)
    if cwd:
        if project_id is None:
            raise refuse("cwd", "is a folder of a project; name the project too")
        request["path"] = location(cwd, "cwd")
    yield from refuse_on_newer(session, "kernels over HTTP", PATH)
    answer = an_object((yield from call(session, PATH, request)), PATH)
    output = answer.get("output")
    if is_placeholder(output) or is_placeholder(answer):
        return Evaluation((), planned=True)
    if not isinstance(output, list):
        raise UnexpectedResponse("the answer holds no output", path=PATH)
    found = Evaluation(kept(output), parsed_time(answer.get("created")), "id" in answer)
    if check and (error := found.error) is not None:
        raise error
    return found


def kernels(session: Session, project_id: object | None) -> Flow[Kernels]:
    """Give the kernels of a project, or those of the site."""
    arguments = {} if project_id is None else {"project_id": identifier(project_id)}
    yield from refuse_on_newer(session, "kernels over HTTP", KERNELS)
    answer = an_object((yield from call(session, KERNELS, arguments)), KERNELS)
    if is_placeholder(answer.get("kernels")):
        return Kernels(())
    return Kernels(
        tuple(
            Kernel(text(row["name"]) or "", text(row.get("display_name")), text(row.get("language")), row)
            for row in objects(answer.get("kernels"), KERNELS)
            if text(row.get("name"))
        )
    )
