"""The example runs in two processes, on a stand-in that both reach over a socket."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import many_machines
import pytest

from cocalc_facade.testing import Oddities, StandIn


def test_each_process_makes_its_own_client_and_what_was_done_is_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    standin = StandIn(oddities=Oddities(rate_limits=False, idle_seconds=None))
    ids = [standin.world.add_project(standin.user.account_id).project_id for _ in range(6)]
    (tmp_path / "projects.txt").write_text("\n".join([*ids, standin.second_project.project_id]))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COCALC_API_KEY", standin.user.key)
    with standin.serve() as address:
        monkeypatch.setenv("COCALC_HOST", address)
        given = ["projects.txt", "--command", "echo done"]
        for processes in ("2", "3"):
            assert many_machines.main([*given, "--processes", processes]) == 1
            told = capfd.readouterr()
            assert told.out.startswith("7 items: 6 ok, 1 failed\n  1 of PermissionDeniedError: ")
            assert standin.user.key not in told.out + told.err
    commands = [request.params for request in standin.requests if "command" in (request.params or {})]
    asked = [command["project_id"] for command in commands]
    assert sorted(asked) == sorted([*ids, *[standin.second_project.project_id] * 2])
    journals = sorted(Path("journals").iterdir())
    assert 1 < len(journals) <= many_machines.PARTS
    assert not any(standin.user.key in journal.read_text() for journal in journals)


def test_a_part_that_cannot_be_done_is_named_and_the_others_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    standin = StandIn(oddities=Oddities(rate_limits=False, idle_seconds=None))
    project = standin.project.project_id
    (tmp_path / "projects.txt").write_text(f"{project}\nnothing\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COCALC_API_KEY", standin.user.key)
    with standin.serve() as address:
        monkeypatch.setenv("COCALC_HOST", address)
        assert many_machines.main(["projects.txt", "--command", "true", "--processes", "1"]) == 1
    told = capfd.readouterr().out
    assert told.startswith("2 items: 1 ok, 1 failed\n  1 of InvalidRequestError: project_id: ")
    with pytest.raises(SystemExit):
        many_machines.main(["none.txt", "--command", "true"])
    assert "No such file" in capfd.readouterr().err


ON_DASK = """
import sys
from pathlib import Path
import many_machines
from distributed import Client, LocalCluster

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        with client.get_executor() as executor:
            outcomes = many_machines.everywhere(executor, sys.argv[1:], "echo done", Path("journals"), 2)
    print(outcomes.summary())
"""


def test_the_same_runs_on_a_dask_cluster_of_two_processes(tmp_path: Path) -> None:
    standin = StandIn(oddities=Oddities(rate_limits=False, idle_seconds=None))
    ids = [standin.world.add_project(standin.user.account_id).project_id for _ in range(6)]
    (tmp_path / "on_dask.py").write_text(ON_DASK)
    places = os.pathsep.join([str(Path(many_machines.__file__).parent), *filter(None, sys.path)])
    with standin.serve() as address:
        environment = {
            **os.environ,
            "COCALC_API_KEY": standin.user.key,
            "COCALC_HOST": address,
            "PYTHONPATH": places,
        }
        done = subprocess.run(
            [sys.executable, "on_dask.py", *ids],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=True,
        )
    assert done.stdout.strip() == "6 items: 6 ok, 0 failed"
    assert standin.user.key not in done.stdout + done.stderr
