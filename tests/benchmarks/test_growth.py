"""What keeps many calls, large files and the start of the command cheap, as counts that no busy machine changes."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from cocalc_facade import AsyncCoCalc, CoCalc
from cocalc_facade.testing import StandIn
from scripts.benchmarks import crowd
from scripts.benchmarks.files.rows import PIECE
from scripts.benchmarks.start import PROJECT

from .steps import Steps

KEY = "sk-0000000000000001"


def imported(program: str) -> set[str]:
    """The modules that a program has at its end."""
    code = f"import sys, atexit; atexit.register(lambda: sys.stderr.write('\\n'.join(['', *sys.modules])))\n{program}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_the_command_starts_without_the_client(option: str) -> None:
    run = f"import sys, runpy; sys.argv = ['cocalc-facade', {option!r}]; runpy.run_module('cocalc_facade', run_name='__main__')"
    modules = imported(run)
    assert "cocalc_facade" in modules
    assert not modules & {"httpx", "attrs", "cocalc_v2", "cocalc_facade._client", "argparse", "asyncio"}
    assert ("click" in modules) == (option == "--help")


@pytest.mark.parametrize("pieces", [10, 30])
def test_a_file_is_sent_and_fetched_in_less_than_half_the_calls_of_a_loop(
    tmp_path: Path, pieces: int
) -> None:
    standin = StandIn()
    with standin.client() as http_client:
        client = CoCalc(standin.user.key, "http://localhost", http_client=http_client)
        project = client.project(standin.project.project_id)
        (tmp_path / "here").write_bytes(bytes(range(256)) * (pieces * PIECE // 256))
        project.upload(tmp_path / "here", "there")
        project.download("there", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == (tmp_path / "here").read_bytes()
    assert len(standin.requests) <= (2 * pieces + 2) / 2


def test_a_crowd_of_projects_is_asked_for_in_one_request_a_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "PROJECTS", 20)
    few = crowd.requests_to_start() - 20
    monkeypatch.setattr(crowd, "PROJECTS", 40)
    many = crowd.requests_to_start() - 40
    assert few == many <= 60


def test_each_item_of_a_map_takes_as_few_steps_however_many_there_are(server: str) -> None:
    with CoCalc(KEY, server) as client:

        def steps(count: int) -> int:
            arguments = [{"project_id": str(UUID(int=number))} for number in range(count)]
            with Steps() as seen:
                client.map("projects/stop", arguments, concurrency=8).values()
            return seen.count

        steps(8)
        assert (steps(300) - steps(100)) / 200 <= 125


async def test_a_warm_async_call_takes_few_steps(server: str) -> None:
    async with AsyncCoCalc(KEY, server) as client:
        await client.projects.stop(project_id=PROJECT)
        with Steps() as alone:
            await client.projects.stop(project_id=PROJECT)
        with Steps() as together:
            await asyncio.gather(*[client.projects.stop(project_id=PROJECT) for _ in range(200)])
    assert alone.count <= 105
    assert together.count / 200 <= 135
