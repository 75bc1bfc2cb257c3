"""The workflow files: valid, pinned, and with no more rights than each step needs; what else the repository's host reads."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import check_jsonschema
import pytest
import yaml
from click.testing import CliRunner

from cocalc_facade import __version__

ROOT = Path(__file__).parent.parent.parent
HOST = ROOT / ".github"
WORKFLOWS = HOST / "workflows"
NAMES = sorted(file.name for file in WORKFLOWS.glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
SYSTEMS = {"ubuntu": "POSIX :: Linux", "macos": "MacOS", "windows": "Microsoft :: Windows"}
TRUSTED = {"actions", "pypa"}


def text(name: str) -> str:
    return (WORKFLOWS / name).read_text()


def workflow(name: str) -> dict:
    return yaml.safe_load(text(name))


def tool(*command: str | Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name(str(command[0]))
    return subprocess.run([program, *command[1:]], capture_output=True, text=True)


def test_there_are_five():
    assert NAMES == ["canary.yml", "docs.yml", "release.yml", "test.yml", "track-api.yml"]


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", sorted(WORKFLOWS.glob("*.yml"))),
        ("custom.github-workflows-require-timeout", sorted(WORKFLOWS.glob("*.yml"))),
        ("vendor.github-issue-forms", sorted((HOST / "ISSUE_TEMPLATE").glob("[!c]*.yml"))),
        ("vendor.github-issue-config", [HOST / "ISSUE_TEMPLATE" / "config.yml"]),
        ("vendor.renovate", [ROOT / "renovate.json"]),
        ("vendor.citation-file-format", [ROOT / "CITATION.cff"]),
    ],
)
def test_they_have_the_form_that_their_readers_take(schema, files):
    found = CliRunner().invoke(check_jsonschema.main, ["--builtin-schema", schema, *map(str, files)])
    assert found.exit_code == 0, found.output


def test_no_weakness_is_known():
    found = tool("zizmor", "--offline", "--no-progress", "--persona", "regular", WORKFLOWS)
    assert found.returncode == 0, found.stdout + found.stderr


def test_every_action_is_pinned_by_its_hash_and_says_its_release():
    pins: dict[str, set[tuple[str, str]]] = {}
    for name in NAMES:
        used = re.findall(r"uses: (\S+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)\n", text(name))
        assert len(used) == text(name).count("uses:"), name
        for action, commit, release in used:
            pins.setdefault(action, set()).add((commit, release))
    assert {action.split("/")[0] for action in pins} <= TRUSTED
    assert {action: sorted(found) for action, found in pins.items() if len(found) > 1} == {}


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
    assert jobs["try"]["strategy"]["matrix"] == {"python": PYTHONS, "dependencies": ["lowest", "newest"]}
    assert jobs["publish"]["needs"] == "try"
    assert jobs["publish"]["permissions"] == {"id-token": "write"}


def test_the_links_of_the_readme_work_on_pypi(tmp_path):
    [step] = [
        step for step in workflow("release.yml")["jobs"]["build"]["steps"] if "ADDRESS" in step.get("env", {})
    ]
    readme = tmp_path / "README.md"
    readme.write_text(
        (ROOT / "README.md").read_text() + "[a](docs/errors.md#x) [b](#c) [d](http://e.org/f)\n"
    )
    before = re.findall(r"\]\(([^)]*)\)", readme.read_text())
    subprocess.run(
        ["bash", "-c", step["run"]],
        cwd=tmp_path,
        env={**os.environ, "ADDRESS": "https://host/us/it/blob/v1"},
        check=True,
    )
    after = re.findall(r"\]\(([^)]*)\)", readme.read_text())
    for was, link in zip(before, after, strict=True):
        assert link == (was if ":" in was or was.startswith("#") else f"https://host/us/it/blob/v1/{was}")


def test_every_push_and_pull_request_is_tested_with_the_ends_of_what_is_allowed_on_every_python():
    assert workflow("test.yml")[True] == {"push": None, "pull_request": None}
    jobs = workflow("test.yml")["jobs"]
    assert jobs["test"]["strategy"]["matrix"] == {
        "python": PYTHONS,
        "dependencies": ["lowest-direct", "highest"],
    }
    assert "make test" in jobs["check"]["steps"][-1]["run"]
    assert all(granted == {"contents": "read"} for granted in rights("test.yml").values())


def test_nothing_is_claimed_that_no_workflow_runs():
    jobs = workflow("test.yml")["jobs"]
    systems = {jobs["test"]["runs-on"], *jobs["elsewhere"]["strategy"]["matrix"]["system"]}
    claimed = PROJECT["project"]["classifiers"]
    prefix = "Programming Language :: Python :: 3."
    assert ["3." + name.removeprefix(prefix) for name in claimed if name.startswith(prefix)] == PYTHONS
    assert {name for name in claimed if name.startswith("Operating System")} == {
        f"Operating System :: {SYSTEMS[system.split('-')[0]]}" for system in systems
    }
    assert PROJECT["project"]["requires-python"] == f">={PYTHONS[0]}"


def test_a_release_holds_source_and_wheel_and_its_list_of_parts_is_kept_apart():
    jobs = workflow("release.yml")["jobs"]
    kept = {
        step["with"]["name"]: step["with"]["path"]
        for step in jobs["build"]["steps"]
        if "upload-artifact" in step.get("uses", "")
    }
    assert kept == {"dist": "dist", "sbom": "build/sbom.cdx.json"}
    assert jobs["publish"]["steps"][0]["with"]["name"] == "dist"


def test_newer_generators_come_as_a_pull_request_of_their_own():
    rules = json.loads((ROOT / "renovate.json").read_text())["packageRules"]
    [names] = [rule["matchPackageNames"] for rule in rules if rule["groupName"] == "generator"]
    assert names == [pin.split("==")[0] for pin in PROJECT["dependency-groups"]["generate"]]


def test_constraints_hold_what_the_groups_pin():
    pinned = set((ROOT / "constraints.txt").read_text().split())
    groups = PROJECT["dependency-groups"].values()
    named = {pin.replace("[nodejs]", "") for group in groups for pin in group if isinstance(pin, str)}
    assert named <= pinned


def test_what_is_cited_is_what_is_here():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert (cited["title"], cited["version"]) == (PROJECT["project"]["name"], __version__)
    assert (cited["abstract"], cited["license"]) == (
        PROJECT["project"]["description"],
        PROJECT["project"]["license"],
    )
