"""The unattended run, with a repository and a `gh` of our own: one pull request, one issue, never a merge."""

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from cocalc_facade._drift.contract import contract
from scripts.pipeline.diff import dumped
from scripts.pipeline.inertness.page import check_list
from scripts.pipeline.swap.targets import FILES, PACKAGE, PAGES, is_written
from scripts.propose import main
from scripts.tracking.propose import ProposalError, propose
from scripts.tracking.track import track
from tests.tracking.test_mutations import TODAY, mutated

ROOT = Path(__file__).parents[2]
GH = """\
#!{python}
import json, os, pathlib, sys
folder = pathlib.Path(os.environ["FAKE_GH"])
with (folder / "log").open("a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
kind, verb = sys.argv[1:3]
if verb == "list":
    listed = folder / kind
    print(listed.read_text() if listed.exists() else "[]")
"""


def git(root: Path, *arguments: str) -> str:
    settings = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
    return subprocess.run(
        ["git", "-C", root, *settings, *arguments], capture_output=True, text=True, check=True
    ).stdout


@pytest.fixture(scope="module", autouse=True)
def own_git():
    with pytest.MonkeyPatch.context() as patch:
        for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
            patch.delenv(name, raising=False)
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        yield


@pytest.fixture(scope="module")
def start(own_git, tmp_path_factory):
    """A folder with a checkout and its remote, to be copied."""
    folder = tmp_path_factory.mktemp("start")
    remote, checkout = folder / "remote.git", folder / "checkout"
    remote.mkdir()
    git(remote, "init", "--quiet", "--bare", "--template=")
    (checkout / "openapi").mkdir(parents=True)
    (checkout / "generated").mkdir()
    (checkout / "openapi" / "contract.json").write_text(dumped(contract(TODAY)))
    (checkout / "openapi" / "overlay.yaml").write_text("ours\n")
    git(checkout, "init", "--quiet", "--template=")
    git(checkout, "add", "--all")
    git(checkout, "commit", "--quiet", "--message", "start")
    git(checkout, "remote", "add", "origin", "../remote.git")
    git(checkout, "push", "--quiet", "origin", "main")
    return folder


@pytest.fixture
def root(start, tmp_path, monkeypatch):
    """A checkout with a remote, and a `gh` that writes down what it is asked."""
    shutil.copytree(start, tmp_path, dirs_exist_ok=True)
    checkout, tools = tmp_path / "checkout", tmp_path / "tools"
    tools.mkdir()
    gh = tools / "gh"
    gh.write_text(GH.format(python=sys.executable))
    gh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_GH", str(tools))
    return checkout


def asked(root: Path) -> list[list[str]]:
    log = root.parent / "tools" / "log"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def writes(**files: str) -> list[str]:
    return python(
        f"import pathlib\nfor name, text in {files!r}.items():\n place = pathlib.Path(name); place.parent.mkdir(parents=True, exist_ok=True); place.write_text(text)"
    )


@cache
def regenerated(kind: str) -> list[str]:
    return writes(
        **{"openapi/contract.json": dumped(contract(mutated(kind))), "generated/cocalc_v2/new.py": "X = 1\n"}
    )


PASS, FAIL = python(""), python("print('1 failed'); raise SystemExit(1)")


def run(root: Path, regenerate: list[str], test: list[str] = PASS) -> tuple[str, Path]:
    result = root.parent / "result"
    outcome = track(root, result, regenerate, test)
    git(root, "reset", "--quiet", "--hard")
    git(root, "clean", "--quiet", "-fd")
    return outcome.kind, result


def test_a_change_becomes_one_pull_request_labelled_by_severity(root):
    kind, result = run(root, regenerated("an argument goes"))
    assert kind == "changed"
    assert propose(root, result) == "opened the pull request"
    create = asked(root)[-1]
    assert create[:2] == ["pr", "create"]
    assert create[create.index("--title") + 1] == "Follow the server's API: 1 breaking"
    assert create[-4:] == ["--label", "track-api", "--label", "breaking"]
    body = (result / "body.md").read_text()
    assert "**Breaking:** `client.latex`: argument `content` is no longer taken" in body
    assert "The tests pass." in body
    remote = root.parent / "remote.git"
    assert "generated/cocalc_v2/new.py" in git(remote, "ls-tree", "-r", "--name-only", "track-api")
    assert "generated/cocalc_v2/new.py" not in git(remote, "ls-tree", "-r", "--name-only", "main")


def test_the_open_pull_request_is_updated_and_its_branch_rebuilt(root):
    _, result = run(root, regenerated("an argument goes"))
    propose(root, result)
    (root.parent / "tools" / "pr").write_text('[{"number": 7}]')
    git(root, "switch", "--quiet", "main")
    _, result = run(root, regenerated("an optional argument comes"))
    assert propose(root, result) == "updated pull request 7"
    edit = asked(root)[-1]
    assert edit[:3] == ["pr", "edit", "7"]
    assert edit[edit.index("compatible") - 1] == "--add-label"
    assert edit[edit.index("breaking") - 1] == "--remove-label"
    commits = git(root.parent / "remote.git", "log", "--oneline", "main..track-api").splitlines()
    assert len(commits) == 1


def test_failing_tests_are_said_in_the_pull_request(root):
    _, result = run(root, regenerated("an argument goes"), FAIL)
    propose(root, result)
    assert "tests-failed" in asked(root)[-1]
    assert "1 failed" in (result / "body.md").read_text()


def test_the_python_surface_is_compared_with_the_last_release(root):
    git(root, "tag", "v1.2.0")
    git(root, "tag", "v1.10.0")
    result = root.parent / "result"
    track(
        root,
        result,
        regenerated("an argument goes"),
        PASS,
        python("import sys; print('gone:', sys.argv[1:])"),
    )
    assert "The Python surface against v1.10.0." in (result / "report.md").read_text()
    assert "gone: ['--against', 'v1.10.0']" in (result / "report.md").read_text()


def test_nothing_new_does_nothing_and_closes_what_is_stale(root):
    kind, result = run(root, PASS)
    assert kind == "unchanged"
    assert propose(root, result) == "nothing to do"
    (root.parent / "tools" / "pr").write_text('[{"number": 7}]')
    assert propose(root, result) == "closed pull request 7"
    assert not any(call[:2] == ["pr", "merge"] for call in asked(root))


@pytest.mark.parametrize(
    ("code", "kind", "label"),
    [(2, "failed", "track-api"), (20, "stopped", "breaking"), (1, "failed", "track-api")],
)
def test_a_run_that_fails_opens_an_issue_once(root, code, kind, label):
    fails = python(
        f"import sys; print('refused: `the server` is down', file=sys.stderr); raise SystemExit({code})"
    )
    found, result = run(root, fails)
    assert found == kind
    assert propose(root, result) == "opened an issue"
    create = asked(root)[-1]
    assert create[:2] == ["issue", "create"]
    assert create[-1] == label
    assert "refused: 'the server' is down" in (result / "report.md").read_text()
    title = create[create.index("--title") + 1]
    (root.parent / "tools" / "issue").write_text(json.dumps([{"number": 3, "title": title}]))
    assert propose(root, result) == "the issue is open already"
    assert git(root.parent / "remote.git", "branch").split() == ["*", "main"] or "main" in git(
        root.parent / "remote.git", "branch"
    )


OTHERS = [
    "scripts/x.py",
    ".github/workflows/x.yml",
    "openapi/overlay.yaml",
    "openapi/Overlay.yaml",
    "openapi/supplement/x.yaml",
    "openapi/generator/config.yaml",
    "README.md",
    "docs/coverage.md/x",
    "docs/reference/index.md",
    "docs/reference/routes/x.html",
    "docs/reference/routes/deeper/x.md",
    "generated/sitecustomize.py",
    "generated/.gitattributes",
    "generated/cocalc_v2/.gitattributes",
    "generated/cocalc_v2/x.pth",
    "generated/cocalc_v2/X.py",
    "generated/cocalc_v2/models/deeper/x.py",
    "generated/cocalc_v2/api/a/b/c.py",
    "generated/cocalc_v2/models/ x.py",
    "generated/cocalc_v2/models/é.py",
    "generated/httpx/__init__.py",
    "cocalc_facade/testing/data/anonymous.json",
    "cocalc_facade/x.py",
]


def patched(root: Path, name: str, text: str) -> Path:
    """A result whose patch makes one file."""
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)
    git(root, "add", "--all", "--force")
    result = root.parent / "result"
    result.mkdir()
    (result / "changes.patch").write_text(git(root, "diff", "--cached", "--binary"))
    (result / "report.md").write_text("")
    (result / "outcome.json").write_text(
        json.dumps({"kind": "changed", "title": "x", "labels": ["track-api"]})
    )
    git(root, "reset", "--quiet", "--hard")
    git(root, "clean", "--quiet", "-fdx")
    return result


@pytest.mark.parametrize("name", OTHERS)
def test_a_patch_may_only_touch_what_a_run_writes(root, name):
    result = patched(root, name, "x = 1\n")
    with pytest.raises(ProposalError, match="no regeneration writes"):
        propose(root, result)
    assert "track-api" not in git(root.parent / "remote.git", "branch")
    assert not (root / name).exists() or name == "openapi/overlay.yaml", "nothing of it comes to the disk"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("generated/cocalc_v2/models/evil.py", "import os; os.system('id')\n"),
        ("generated/cocalc_v2/__init__.py", "open('x')\n"),
        ("generated/cocalc_v2/client.py", "def f(:\n"),
        ("openapi/lock.json", "{"),
        ("openapi/client.json", "[" * 100_000),
        ("openapi/CHANGES.md", "a\0b"),
        ("openapi/CHANGES.md", "<script>alert(1)</script>\n"),
        ("openapi/CHANGES.md", "![x](https://example.com/x.png)\n"),
        ("openapi/CHANGES.md", "* {include}`x`\n"),
        ("openapi/CHANGES.md", "    import os\n"),
        ("docs/coverage.md", "```{literalinclude} /etc/passwd\n```\n"),
        ("docs/coverage.md", "```python\nimport os\n```\n"),
        ("docs/coverage.md", "~~~{eval-rst}\n~~~\n"),
        ("docs/coverage.md", ":::{include} x\n:::\n"),
        ("docs/reference/routes/x.md", "```{include} /etc/passwd\n```\n"),
        ("docs/reference/routes/x.md", "```python\nimport os\n```\n"),
    ],
)
def test_a_patch_is_looked_at_as_data(root, name, text):
    result = patched(root, name, text)
    with pytest.raises(ProposalError, match=r"must not be|cannot|something else"):
        propose(root, result)
    assert "track-api" not in git(root.parent / "remote.git", "branch")


def one_file(name: str, line: bytes = b"{}", mode: str = "100644") -> bytes:
    """A patch that makes one file, whatever git would say of its name."""
    head = f"diff --git a/{name} b/{name}\nnew file mode {mode}\n--- /dev/null\n+++ b/{name}\n@@ -0,0 +1 @@\n"
    return head.encode("utf-8", "surrogateescape") + b"+" + line + b"\n"


def moved(kind: str, old: str, new: str) -> bytes:
    return f"diff --git a/{old} b/{new}\nsimilarity index 100%\n{kind} from {old}\n{kind} to {new}\n".encode()


MODULE = "generated/cocalc_v2/models/x.py"
HOSTILE = {
    "up and out": one_file("../evil.json"),
    "up and down": one_file("openapi/../../evil.json"),
    "from the root": one_file("/etc/evil"),
    "a hook": one_file(".git/hooks/pre-commit"),
    "a hook by another case": one_file(".GIT/hooks/pre-commit"),
    "another case": one_file("openapi/Names.yaml"),
    "another case of a folder": one_file("OPENAPI/names.yaml"),
    "may be run": one_file("openapi/classes.json", mode="100755"),
    "a submodule": one_file(MODULE, b"Subproject commit " + b"1" * 40, mode="160000"),
    "a link": one_file(MODULE, b"/etc/passwd", mode="120000"),
    "a name that is no text": one_file("openapi/\udcff.json"),
    "a content that is no text": one_file("openapi/classes.json", b'"\xff\xfe"'),
    "a rename from elsewhere": moved("rename", "README.md", "openapi/classes.json"),
    "a rename to elsewhere": moved("rename", "openapi/contract.json", "openapi/overlay.yaml"),
    "a copy of what is no list": moved("copy", "README.md", "openapi/classes.json"),
    "no patch": b"hello\n",
}


@pytest.mark.parametrize("patch", HOSTILE.values(), ids=HOSTILE)
def test_a_patch_that_no_run_makes_is_refused_in_one_line(root, patch):
    (root / "README.md").write_text("words\n")
    git(root, "add", "--all")
    git(root, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "words")
    result = root.parent / "result"
    result.mkdir()
    (result / "changes.patch").write_bytes(patch)
    (result / "report.md").write_text("")
    (result / "outcome.json").write_text(json.dumps({"kind": "changed", "title": "x", "labels": []}))
    with pytest.raises(ProposalError) as refused:
        propose(root, result)
    assert str(refused.value).isprintable()
    assert "track-api" not in git(root.parent / "remote.git", "branch")
    assert not (root.parent / "evil.json").exists()


@pytest.mark.parametrize(
    "outcome",
    [[], "changed", {}, {"kind": "changed", "title": "x", "labels": "breaking"},
     {"kind": "changed", "title": ["x" * 300], "labels": []}, {"kind": [], "title": "x", "labels": []},
     {"kind": "changed", "title": "a\nb", "labels": []}, {"kind": "changed", "title": "x", "labels": [["breaking"]]}],
)  # fmt: skip
def test_an_outcome_of_another_form_is_refused(root, outcome):
    result = root.parent / "result"
    result.mkdir()
    (result / "outcome.json").write_text(json.dumps(outcome))
    (result / "report.md").write_text("")
    with pytest.raises(ProposalError, match=r"the outcome (is|names)"):
        propose(root, result)
    assert "track-api" not in git(root.parent / "remote.git", "branch")


def test_the_records_of_years_are_words_and_lists():
    texts = [
        (Path(__file__).parents[2] / name).read_text() for name in ("docs/coverage.md", "openapi/CHANGES.md")
    ]
    texts.append(
        "* `client.a`: answer `error{}` is now object {a_b, c}, before `x` &#91;1&#93;\n| a | `b|c` |\n"
    )
    for text in texts:
        check_list("page.md", text)


def test_what_a_run_writes_is_what_the_steps_say():
    from scripts.pipeline import coverage, diff, examples
    from scripts.pipeline.document import released
    from scripts.pipeline.retire import classes
    from scripts.pipeline.run import lock

    files = {lock.PINNED, "openapi/client.json", "openapi/lock.json", released.TARGET, coverage.TARGET}
    assert {*files, classes.TARGET, *diff.TARGETS, *examples.TARGETS} == set(FILES)
    root = Path(__file__).parents[2]
    pages = [str(file.relative_to(root)) for file in (root / PAGES).iterdir()]
    assert len(pages) > 10
    assert all(is_written(name) for name in pages)
    package = [str(file.relative_to(root)) for file in (root / PACKAGE).rglob("*.py")]
    assert len(package) > 500
    assert all(is_written(name) for name in package)


@pytest.mark.parametrize(
    "outcome", [{"kind": "merge"}, {"labels": ["admin"]}, {"title": "a\nb"}, {"title": "x" * 300}]
)
def test_an_outcome_of_another_kind_is_refused(root, outcome):
    result = root.parent / "result"
    result.mkdir()
    (result / "report.md").write_text("")
    whole = {"kind": "failed", "title": "x", "labels": []} | outcome
    (result / "outcome.json").write_text(json.dumps(whole))
    with pytest.raises(ProposalError):
        propose(root, result)


def test_who_may_write_needs_nothing_that_is_installed(tmp_path):
    command = [sys.executable, "-I", "-S", ROOT / "scripts" / "propose.py", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("refused: [Errno 2]")
    assert "outcome.json" in done.stderr


def test_the_command_says_in_one_line_what_is_wrong(capsys, tmp_path):
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("refused: ")
