"""`make demo` shows code that can be pasted, fits a narrow terminal, and ends well."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import cocalc_facade
from cocalc_facade.testing import StandIn
from scripts import demo


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    text = io.StringIO()
    monkeypatch.setattr(demo, "console", Console(width=demo.WIDTH, highlight=False, file=text))
    return text


def test_every_job_ends_as_it_should_and_fits(standin: StandIn, shown: io.StringIO, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello\n", encoding="utf-8")
    standin.add_course(students=3)
    names: dict[str, Any] = {
        "client": cocalc_facade.CoCalc(),
        "project_id": standin.project.project_id,
        "folder": tmp_path,
    }
    assert demo._run(demo.JOBS, names) == 0
    text = shown.getvalue()
    assert all(len(line) <= demo.WIDTH for line in text.splitlines())
    for job in demo.JOBS:
        assert all(line.rstrip() in text for line in job.code.splitlines()), f"{job.title}: a line is cut"
    assert "did you mean 'stop'?" in text
    assert "NotFoundError" in text
    assert "21 items: 20 ok, 1 failed" in text, "what goes well is shown first"


def test_a_job_that_fails_is_counted(standin: StandIn, shown: io.StringIO) -> None:
    wrong = demo.Job("Wrong", 'client.projects.stop(project_id="no")')
    assert demo._run([wrong], {"client": cocalc_facade.CoCalc()}) == 1
    assert "InvalidRequestError" in shown.getvalue()


def test_on_a_real_server_no_job_changes_anything(standin: StandIn, shown: io.StringIO) -> None:
    client = cocalc_facade.CoCalc(read_only=True)
    assert demo._run([job for job in demo.JOBS if not job.changes], {"client": client}) == 0


def test_the_client_is_made_anew_as_it_is_committed(standin: StandIn, shown: io.StringIO) -> None:
    with standin.serve() as url:
        made = demo._regenerate(url, numbers=False)
    assert made, shown.getvalue()
    assert "byte for byte those that are committed" in shown.getvalue()
