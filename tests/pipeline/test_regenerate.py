"""Regenerate: one command from a document to a client; nothing changes on disk unless all of it does."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from scripts import regenerate
from scripts.pipeline.overlay import read_yaml
from scripts.pipeline.run import lock
from scripts.pipeline.swap import STAGE
from scripts.regenerate import REFUSED, UP_TO_DATE, main

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "data" / "upstream" / "2024-05-02-004.json"
BARE = ["--overlay", "none", "--supplement", "none"]


def files(folder: Path) -> dict[str, bytes]:
    found = (place for place in folder.rglob("*") if place.is_file() and "__pycache__" not in place.parts)
    return {place.relative_to(folder).as_posix(): place.read_bytes() for place in found}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("built")
    assert main(["--source", str(SMALL), *BARE, "--output", str(output)]) == UP_TO_DATE
    return output


@pytest.fixture
def repository(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with nothing but what `built` has and what that was made with."""
    root = tmp_path / "repository"
    shutil.copytree(built, root)
    shutil.copytree(ROOT / "openapi" / "generator", root / "openapi" / "generator")
    for data in lock.DATA.values():
        shutil.copy(ROOT / data, root / data)
    for room in lock.ROOMS:
        shutil.copytree(ROOT / room, root / room, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(regenerate, "ROOT", root)
    return root


def test_an_output_directory_gets_everything_and_nothing_else(built: Path) -> None:
    names = files(built)
    assert {"openapi/upstream.json", "openapi/client.json", "openapi/lock.json"} < names.keys()
    places = (
        "openapi/",
        "generated/cocalc_v2/",
        "cocalc_facade/testing/data/",
        "docs/coverage.md",
        "docs/reference/routes/",
    )
    assert all(name.startswith(places) for name in names)


def test_the_lock_says_why_the_output_is_what_it_is(built: Path) -> None:
    content = json.loads((built / "openapi" / "lock.json").read_text(encoding="utf-8"))
    assert content["source"] == f"file:{SMALL.name}"
    assert content["operations"] == 4
    assert content["inputs"]["upstream"] == lock.sha256((built / "openapi" / "upstream.json").read_bytes())
    assert content["output"] == lock.tree_sha256(built / "generated" / "cocalc_v2")
    assert content["inputs"]["tools"].keys() >= {"openapi-python-client", "ruff"}


def test_the_pinned_document_is_as_published_but_for_its_layout(built: Path) -> None:
    assert json.loads((built / "openapi" / "upstream.json").read_text()) == json.loads(SMALL.read_text())


def test_a_second_run_changes_nothing(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files(built)
    assert main(["--source", str(SMALL), *BARE, "--output", str(built)]) == UP_TO_DATE
    assert files(built) == before
    told = capsys.readouterr().err
    for line in (
        "operations       4",
        "changed          nothing",
        "overlay actions  0",
        "repairs",
        "seconds",
    ):
        assert line in told


def test_another_day_alone_rewrites_nothing(repository: Path) -> None:
    place = repository / "openapi" / "lock.json"
    noted = json.loads(place.read_text(encoding="utf-8")) | {"date": "2020-02-02"}
    place.write_text(lock.text(noted), encoding="utf-8")
    assert main(["--offline", *BARE]) == UP_TO_DATE
    assert json.loads(place.read_text(encoding="utf-8"))["date"] == "2020-02-02"
    assert "2020-02-02" in (repository / "generated/cocalc_v2/provenance.py").read_text(encoding="utf-8")


def test_check_says_that_all_is_up_to_date(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files(repository)
    assert main(["--check", "--offline", *BARE]) == UP_TO_DATE
    assert "up to date" in capsys.readouterr().err
    assert files(repository) == before


def test_check_of_what_is_up_to_date_loads_no_generator(repository: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from scripts import regenerate; regenerate.ROOT = Path(sys.argv[1]);"
        "code = regenerate.main(['--check', '--offline', '--overlay', 'none', '--supplement', 'none']);"
        "print(code, [n for n in ('openapi_python_client', 'pydantic', 'httpx', 'jsonpath_rfc9535', 'jinja2', 'importlib.metadata', 'dataclasses') if n in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(repository)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "0 []\n"


def test_the_versions_of_the_tools_are_those_that_importlib_finds() -> None:
    assert lock.versions(lock.TOOLS) == {tool: metadata.version(tool) for tool in lock.TOOLS}
    assert lock.versions(["no-such-package"]) == {"no-such-package": None}


def test_a_run_without_the_generator_says_what_to_install(repository: Path) -> None:
    code = (
        "import sys; sys.modules['openapi_python_client'] = None; from pathlib import Path; from scripts import regenerate;"
        "regenerate.ROOT = Path(sys.argv[1]); print(regenerate.main(['--offline']))"
    )
    before = files(repository)
    command = [sys.executable, "-c", code, str(repository)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "2\n"
    assert "refused: openapi_python_client is not installed" in run.stderr
    assert files(repository) == before


def test_what_is_committed_is_what_its_inputs_give() -> None:
    assert main(["--check", "--offline"]) == UP_TO_DATE, "run `make regenerate` and commit"


def test_check_is_not_misled_by_what_tools_cache(repository: Path) -> None:
    for place in ("openapi/generator/.ruff_cache/x", "generated/cocalc_v2/__pycache__/client.pyc"):
        (repository / place).parent.mkdir(exist_ok=True)
        (repository / place).write_text("cached")
    assert main(["--check", "--offline", *BARE]) == UP_TO_DATE


@pytest.mark.parametrize("place", ["generated/cocalc_v2/client.py", "openapi/client.json", "openapi/generator/config.yaml", "openapi/required.yaml", "scripts/pipeline/shape/__init__.py"])  # fmt: skip
def test_check_notices_any_edit_and_writes_nothing(repository: Path, place: str) -> None:
    edited = repository / place
    edited.write_text(edited.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    before = files(repository)
    assert main(["--check", "--offline", *BARE]) == regenerate.COMPATIBLE
    assert files(repository) == before


def reworded(node: Any) -> Any:
    """A document with other words wherever it has words for people."""
    if isinstance(node, list):
        return [reworded(one) for one in node]
    if not isinstance(node, dict):
        return node
    words = {key: f"{said} Really." for key, said in node.items() if key in PROSE and isinstance(said, str)}
    return {key: reworded(value) for key, value in node.items()} | words


PROSE = ("description", "summary", "title")


@pytest.mark.parametrize(
    "change",
    [
        reworded,
        lambda d: {**d, "info": {"title": "B", "version": "9"}, "servers": [{"url": "https://example.com"}]},
        lambda d: json.loads(json.dumps(d).replace('"tags": [', '"tags": ["More", ')),
        lambda d: json.loads(json.dumps(d).replace('"operationId": "', '"operationId": "x')),
        lambda d: {**d, "paths": dict(reversed(d["paths"].items()))},
    ],
    ids=["sentences", "the whole", "tags", "ids of operations", "order"],
)
def test_what_no_caller_sees_is_nothing_to_a_check(
    repository: Path, tmp_path: Path, change: Callable[[Any], Any]
) -> None:
    published = tmp_path / "published.json"
    published.write_text(json.dumps(change(json.loads(SMALL.read_text()))))
    command = ["--check", "--source", str(published), *BARE]
    assert main(command) == UP_TO_DATE
    (repository / "generated/cocalc_v2/client.py").write_text("edited\n")
    assert main(command) == regenerate.COMPATIBLE


def test_an_edited_package_is_restored(repository: Path) -> None:
    before = files(repository)
    (repository / "generated/cocalc_v2/client.py").write_text("import os\n")
    (repository / "generated/cocalc_v2/api/extra.py").write_text("\n")
    assert main(["--offline", *BARE]) == UP_TO_DATE
    assert files(repository) == before


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "refused"),
        (b"<html></html>", "refused"),
        (b'{"openapi": "3.0.1"', "refused"),
        (b'{"openapi": "3.0.1", "info": {}, "paths": {}}', "refused"),
        (b"[]", "refused"),
    ],
    ids=["empty", "html", "truncated", "no operations", "list"],
)
def test_what_is_no_document_is_refused_in_one_line(
    content: bytes, told: str, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = repository.parent / "bad.json"
    source.write_bytes(content)
    before = files(repository)
    assert main(["--source", str(source), *BARE]) == REFUSED
    assert files(repository) == before
    assert not (repository / STAGE).exists()
    lines = [line for line in capsys.readouterr().err.splitlines() if told in line]
    assert len(lines) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--overlay", "missing.yaml"],
        ["--supplement", "missing"],
        ["--source", "missing.json"],
        ["--check", "--output", "x"],
    ],
)
def test_what_is_not_there_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    source = [] if "--source" in arguments else ["--source", str(SMALL)]
    assert main([*source, *arguments]) == REFUSED
    assert capsys.readouterr().err.splitlines()[-1].startswith("refused: ")


@pytest.mark.parametrize("count", [1, 40])
def test_overlay_actions_without_effect_are_refused_and_all_of_them_named(
    repository: Path, capsys: pytest.CaptureFixture[str], count: int
) -> None:
    overlay = repository.parent / "overlay.yaml"
    why = "because " * 12
    actions = [
        f"{{target: '$.paths.nowhere{n}', description: '{why}', update: {{x: 1}}}}" for n in range(count)
    ]
    overlay.write_text(f"overlay: 1.0.0\ninfo: {{title: t, version: '1'}}\nactions: [{', '.join(actions)}]\n")
    before = files(repository)
    assert main(["--offline", "--overlay", str(overlay), "--supplement", "none"]) == REFUSED
    said = capsys.readouterr().err
    assert all(f"({'$.paths.nowhere'}{n})" in said for n in range(count))
    assert said.splitlines()[-1].startswith(f"refused: {count} overlay action")
    assert files(repository) == before


def scripts_hash(root: Path) -> str:
    return lock.tree_sha256(root, lock.shaping(root))


@pytest.mark.parametrize("place", ["scripts/pipeline/new.py", "scripts/pipeline/new/__init__.py", "scripts/pipeline/repair/new_rules.py", "cocalc_facade/_drift/new.py"])  # fmt: skip
def test_a_new_script_of_the_pipeline_is_in_the_lock_at_once(repository: Path, place: str) -> None:
    before = scripts_hash(repository)
    (repository / place).parent.mkdir(exist_ok=True)
    (repository / place).write_text("")
    assert scripts_hash(repository) != before


def test_what_only_carries_checks_or_shows_the_output_is_not_in_the_lock(repository: Path) -> None:
    before = scripts_hash(repository)
    for name in lock.APART:
        (repository / name).write_text((repository / name).read_text("utf-8") + "\n", encoding="utf-8")
    assert scripts_hash(repository) == before


def test_nothing_that_is_not_in_the_lock_is_imported_by_what_shapes_the_output() -> None:
    code = (
        "from scripts.pipeline import coverage, diff, examples, generate, overlay, repair, shape, supplement;import sys;"
        "ours = [m.__file__ for n, m in sys.modules.items() if n.startswith(('scripts.', 'cocalc_facade._'))];"
        "print(*ours)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    imported = {Path(file).relative_to(ROOT).as_posix() for file in run.stdout.split()}
    shaping = {place.relative_to(ROOT).as_posix() for place in lock.shaping(ROOT)}
    assert "scripts/pipeline/shape/hoist.py" in imported
    assert imported - {"cocalc_facade/_version.py"} <= shaping


def test_a_client_of_a_newer_server_has_none_of_the_routes_that_only_older_ones_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--source", str(SMALL), "--generation", "ai"]
    assert main([*command, "--output", str(tmp_path / "ai")]) == UP_TO_DATE
    said = capsys.readouterr().err
    facts = read_yaml(ROOT / lock.FACTS)
    document = json.loads((tmp_path / "ai" / "openapi" / "client.json").read_text(encoding="utf-8"))
    routes = {path.removeprefix("/api/v2/"): item["post"] for path, item in document["paths"].items()}
    for name, operation in routes.items():
        assert operation["x-cocalc-published"] or facts[name]["newer-servers"] is True
    published = {path.removeprefix("/api/v2/") for path in json.loads(SMALL.read_text())["paths"]}
    assert published <= routes.keys()
    assert "not here" in said
    assert main(command) == REFUSED
    assert "--output" in capsys.readouterr().err
