"""The workflow files: valid, pinned, and with no more rights than each step needs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

WORKFLOWS = Path(__file__).parent.parent.parent / ".github" / "workflows"
NAMES = sorted(file.name for file in WORKFLOWS.glob("*.yml"))
# Each of these is the commit of the release beside it.
PINS = {
    "actions/checkout": ("11bd71901bbe5b1630ceea73d27597364c9af683", "v4.2.2"),
    "actions/setup-python": ("a26af69be951a213d495a4c3e4e4022e16d87065", "v5.6.0"),
    "actions/upload-artifact": ("ea165f8d65b6e75b540449e92b4886f43607fa02", "v4.6.2"),
    "actions/download-artifact": ("d3f86a106a0bac45b974a628896c90dbdf5c8093", "v4.3.0"),
    "pypa/gh-action-pypi-publish": ("76f52bc884231f62b9a034ebfe128415bbaabdfc", "v1.12.4"),
}


def text(name: str) -> str:
    return (WORKFLOWS / name).read_text()


def workflow(name: str) -> dict:
    return yaml.safe_load(text(name))


def tool(*command: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name(command[0])
    return subprocess.run(
        [program, *command[1:], *map(str, WORKFLOWS.glob("*.yml"))], capture_output=True, text=True
    )


def test_there_are_three():
    assert NAMES == ["canary.yml", "release.yml", "track-api.yml"]


def test_they_are_what_github_takes():
    found = tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows")
    assert found.returncode == 0, found.stdout + found.stderr


def test_no_weakness_is_known():
    found = tool("zizmor", "--offline", "--no-progress", "--persona", "regular")
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("name", NAMES)
def test_every_action_is_pinned_by_its_hash_and_says_its_release(name):
    used = re.findall(r"uses: (\S+)@(\S+) # (\S+)", text(name))
    assert len(used) == text(name).count("uses:")
    for action, commit, release in used:
        assert PINS[action] == (commit, release)


@pytest.mark.parametrize("name", NAMES)
def test_no_secret_is_named_and_nothing_is_merged(name):
    assert "secrets." not in text(name)
    assert "pull_request_target" not in text(name)
    assert "merge" not in text(name)
    assert workflow(name)["permissions"] == {}


def rights(name: str) -> dict[str, dict]:
    return {job: content["permissions"] for job, content in workflow(name)["jobs"].items()}


def test_who_meets_the_servers_text_may_only_read():
    assert rights("track-api.yml") == {
        "regenerate": {"contents": "read"},
        "propose": {"contents": "write", "issues": "write", "pull-requests": "write"},
        "report-failure": {"contents": "read", "issues": "write"},
    }
    steps = workflow("track-api.yml")["jobs"]["regenerate"]["steps"]
    assert steps[0]["with"]["persist-credentials"] is False
    assert not any("GH_TOKEN" in step.get("env", {}) for step in steps)


def test_who_may_write_runs_nothing_but_the_script_of_main():
    for job in ("propose", "report-failure"):
        steps = workflow("track-api.yml")["jobs"][job]["steps"]
        assert steps[0]["with"]["ref"] == "main"
        commands = [line for step in steps for line in step.get("run", "").splitlines()]
        programs = {line.split()[0] for line in commands}
        assert programs <= {"python3", "mkdir", "echo"}
        assert commands[-1] == 'python3 scripts/propose.py "$RUNNER_TEMP/result"'


def test_no_command_is_built_from_what_a_stranger_wrote():
    for name in NAMES:
        for job in workflow(name)["jobs"].values():
            assert not any("${{" in step.get("run", "") for step in job["steps"])


def test_the_weekly_run_can_be_started_by_hand():
    on = workflow("track-api.yml")[True]
    assert on["schedule"]
    assert set(on["workflow_dispatch"]["inputs"]) == {"accept_breaking"}


def test_a_release_is_tried_with_the_ends_of_what_it_allows_on_every_python():
    jobs = workflow("release.yml")["jobs"]
    assert jobs["try"]["strategy"]["matrix"] == {
        "python": ["3.11", "3.12", "3.13", "3.14"],
        "dependencies": ["lowest", "newest"],
    }
    assert jobs["publish"]["needs"] == "try"
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
