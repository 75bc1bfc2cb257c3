"""Each command of the command line with one line that succeeds, what it prints and does, and one that the server refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from cocalc_facade import CoCalc
from cocalc_facade.testing import StandIn, TestCourse

NOBODY = "00000000-0000-4000-8000-000000000000"
TEX = r"\documentclass{article}\begin{document}Hello\end{document}"


@dataclass
class Stage:
    """A stand-in, a folder of this machine, and what lines of rows call them: `{P}` is a project."""

    standin: StandIn
    client: CoCalc
    folder: Path
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ids = self.standin.project.project_id, self.standin.second.account_id
        self.names |= dict(zip("PA", ids, strict=True)) | {"D": str(self.folder)}

    def course(self) -> TestCourse:
        made = self.standin.add_course("algebra.course", students=2, handouts=("notes",))
        self.names["C"] = f"{made.project.project_id}:{made.path}"
        return made

    def homework(self) -> None:
        made = self.course()
        self.client.course(made.project.project_id, made.path).hand_out("homework/week1")

    def put(self, path: str, text: str) -> None:
        self.client.project(self.names["P"]).write_text(path, text)

    def text(self, path: str) -> str | None:
        files = self.standin.project.files
        found = files.read(files.resolve(path))
        return None if found is None else found.decode()

    def is_folder(self, path: str) -> bool:
        files = self.standin.project.files
        return files.is_directory(files.resolve(path))

    def here(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def begin(self, command: str) -> None:
        job = self.client.exec(project_id=self.names["P"], command=command, bash=True, async_call=True)
        assert job.job_id is not None
        self.names["J"] = job.job_id

    def item(self) -> None:
        self.names["I"] = str(self.client.cart.add_license(user="academic").id)

    def money(self) -> None:
        self.standin.purchase(self.standin.user, -1000.0, service="credit")

    def paid_item(self) -> None:
        self.item()
        self.money()

    def titles(self) -> list[str]:
        return [project.title for project in self.standin.world.projects.values()]

    def names_of_keys(self) -> list[str | None]:
        return [key.name for key in self.standin.world.keys.values() if key.deleted is None]

    def checked(self) -> list[Any]:
        return [row["checked"] for row in self.standin.world.cart if not row.get("removed")]

    def bought(self) -> bool:
        return any(row["purchased"] for row in self.standin.world.cart)

    def state(self) -> str:
        return self.standin.project.state(self.standin.world.now())


class Row(NamedTuple):
    """A command.

    `prints` are texts on stdout, which JSON has too unless `told` are others; `done` is what is so afterwards and was not before;
    `wrong` is what the server refuses, with the exit code and words of its line. `reads`: it changes nothing.
    """

    line: str
    prints: tuple[str, ...]
    wrong: tuple[str, int, str]
    done: Callable[[Stage], bool] | None = None
    told: tuple[str, ...] | None = None
    before: Callable[[Stage], object] = lambda _: None
    reads: bool = False
    key: str = "user"
    code: int = 0


def reads(line: str, *prints: str, wrong: tuple[str, int, str], **more: Any) -> Row:
    return Row(line, prints, wrong, reads=True, **more)


ROWS = {
    "whoami": reads("", "account", "Uma", wrong=("x", 2, "(x)")),
    "can": reads("projects/start", "verdict", "yes", wrong=("", 2, "ROUTE")),
    "keys list": reads("", "user key", wrong=(f"--project-id {NOBODY}", 77, "")),
    "keys get": reads("2", "user key", wrong=("99", 66, "99")),
    "keys create": Row(
        "course --expires 90d",
        ("sk-",),
        (f"x --project-id {NOBODY}", 77, ""),
        lambda stage: "course" in stage.names_of_keys(),
    ),
    "keys rotate": Row("2 --yes", ("sk-",), ("99 --yes", 66, "99"), lambda stage: stage.standin.world.keys[2].deleted is not None),
    "keys delete": Row("2 --yes", (), ("99 --yes", 66, "99"), lambda stage: stage.standin.world.keys[2].deleted is not None),
    "accounts find": reads("user@example.com", "Uma", wrong=("nobody@example.com", 66, "nobody")),
    "accounts list": reads("", "Uma", key="admin", wrong=("--banned", 77, "admin")),
    "accounts projects": reads("", "Measured project", wrong=("--account-id {A}", 77, "")),
    "email-of": reads("{A}", "second@example.com", key="admin", wrong=("{A}", 77, "")),
    "purchases": reads("", "credit", before=Stage.money, wrong=("--account-id {A}", 77, "")),
    "licenses": reads("", told=("[]",), wrong=("--fields", 2, "--fields")),
    "cart items": reads("", "site-license", before=Stage.item, wrong=("x", 2, "(x)")),
    "cart price": reads("", "total", before=Stage.item, wrong=("x", 2, "(x)")),
    "cart recent": reads("", told=("[]",), wrong=('1 month', 2, "month")),
    "cart add-license": Row("--user academic", ("site-license", "academic"), ("--user teacher", 2, "academic"), lambda stage: stage.checked() == [True]),
    "cart check": Row("{I} --no-checked", (), ("99", 66, "99"), lambda stage: stage.checked() == [False], before=Stage.item),
    "cart save-for-later": Row("{I}", (), ("99", 66, "99"), lambda stage: stage.checked() == [], before=Stage.item),
    "cart delete": Row("{I} --yes", (), ("99 --yes", 66, "99"), lambda stage: not stage.standin.world.cart, before=Stage.item),
    "cart checkout": Row("--yes", ("bought",), ("--yes --at-most 0.01", 64, "0.01"), lambda stage: stage.bought(), before=Stage.paid_item),
    "projects list": reads("--all", "Measured project", wrong=("--where titel=x", 64, "title")),
    "projects state": reads("{P}", "opened", wrong=(NOBODY, 77, "project")),
    "projects find": reads("'Measured project'", "{P}", wrong=("nowhere", 66, "nowhere")),
    "projects collaborators": reads("{P}", "Uma", wrong=(NOBODY, 77, "project")),
    "projects create": Row("Calculus", ("-4",), ("''", 2, "empty"), lambda stage: "Calculus" in stage.titles()),
    "projects ensure": Row("Calculus", ("-4",), ("''", 2, "empty"), lambda stage: "Calculus" in stage.titles()),
    "projects invite": Row("{P} second@example.com", ("second@example.com",), ("{P} nobody@example.com", 66, "nobody"), lambda stage: stage.standin.project.is_member(stage.names["A"])),
    "projects start": Row("{P}", ("running",), (NOBODY, 77, "project"), lambda stage: stage.state() == "running"),
    "projects stop": Row("{P}", ("opened",), (NOBODY, 77, "project"), lambda stage: stage.state() == "opened", before=lambda stage: stage.client.wait_for_project(stage.names["P"])),
    "run": Row("{P} -- echo hello", ("hello",), ("{P} nosuchcommand x", 1, "could not be started")),
    "jobs wait": Row("{P} {J}", ("out",), ("{P} none", 1, "none"), before=lambda stage: stage.begin("echo out")),
    "jobs stop": Row("{P} {J}", ("stopped",), ("{P} none", 66, "none"), before=lambda stage: stage.begin("sleep 500")),
    "ls": Row("{P}:", ("notes.txt",), ("{P}:nowhere", 66, "nowhere"), before=lambda stage: stage.put("notes.txt", "text")),
    "cat": Row("{P}:notes.txt", ("text",), ("{P}:nowhere", 66, "nowhere"), before=lambda stage: stage.put("notes.txt", "text")),
    "cp": Row("{D}/a.txt {P}:a.txt", (), ("{P}:nowhere {D}/x", 66, "nowhere"), lambda stage: stage.text("a.txt") == "hello", before=lambda stage: stage.here("a.txt", "hello"), told=("a.txt",)),
    "mv": Row("{P}:a b", (), ("{P}:nowhere b", 66, "nowhere"), lambda stage: stage.text("b") == "text", before=lambda stage: stage.put("a", "text")),
    "rm": Row("{P}:a --yes", (), ("{P}:nowhere --yes", 66, "nowhere"), lambda stage: stage.text("a") is None, before=lambda stage: stage.put("a", "text")),
    "mkdir": Row("{P}:a/b", (), ("{P}:f/b", 72, "f"), lambda stage: stage.is_folder("a/b"), before=lambda stage: stage.put("f", "")),
    "latex": Row("{D}/a.tex -o {D}/a.pdf --project-id {P}", (), ("{D}/a.tex --project-id x", 64, "--project-id"), lambda stage: (stage.folder / "a.pdf").exists(), before=lambda stage: stage.here("a.tex", TEX), told=("a.pdf",)),
    "evaluate": Row("2+40 --project-id {P}", ("42",), (f"1 --project-id {NOBODY}", 77, "")),
    "kernels": Row("--project-id {P}", ("python3",), (f"--project-id {NOBODY}", 77, "")),
    "course students": Row("{C}", ("student0@example.org",), ("{P}:none.course", 66, "none.course"), before=Stage.course),
    "course assignments": Row("{C}", ("homework/week1",), ("{P}:none.course", 66, "none.course"), before=Stage.course),
    "course handouts": Row("{C}", ("notes",), ("{P}:none.course", 66, "none.course"), before=Stage.course),
    "course work": Row("{C}", ("homework/week1",), ("{P}:none.course", 66, "none.course"), before=Stage.course),
    "course grades": Row("{C}", ("homework/week1",), ("{P}:none.course", 66, "none.course"), before=Stage.course),
    "course read": Row("{C}", ("student0@example.org",), ("{P}:none.course", 66, "none.course"), before=Stage.course),
    "course hand-out": Row("{C} homework/week1", ("student0@example.org",), ("{C} nowhere", 64, "nowhere"), before=Stage.course),
    "course collect": Row("{C} homework/week1", ("student0@example.org",), ("{C} nowhere", 64, "nowhere"), before=Stage.homework),
    "course run-for-all": Row("{C} 'echo hi'", ("hi",), ("{P}:none.course true", 66, "none.course"), before=Stage.course),
    "query": reads("projects title", "Measured project", wrong=("projects titel", 64, "'title'")),
    "update": Row("accounts first_name=Ada", (), ("projects project_id=" + NOBODY + " title=x", 66, NOBODY), lambda stage: stage.standin.user.first_name == "Ada"),
    "call": Row("projects/stop -f project_id={P}", ("ok",), (f"projects/stop -f project_id={NOBODY}", 77, "collaborator")),
    "map": Row("projects/stop {D}/ids", ("{P}",), ("projects/stop {D}/others", 1, "1 failed"), before=lambda stage: (stage.here("ids", stage.names["P"]), stage.here("others", NOBODY))),
    "schema check": reads("", "No change", told=("changes",), wrong=("x", 2, "x")),
    "schema route": reads("projects/stop", "project_id", wrong=("projects/stopp", 64, "projects/stop")),
    "schema routes": reads("projects/st", "projects/start", "projects/stop", wrong=("a b", 2, "(b)")),
    "schema show": reads("", "191", wrong=("x", 2, "(x)")),
    "schema generation": reads("", "cocalc", wrong=("x", 2, "(x)")),
    "completion": reads("bash", "_COCALC_FACADE_COMPLETE", wrong=("csh", 2, "bash")),
}  # fmt: skip
