"""Whatever goes wrong on the way, what is on disk stays as it was, and one line says what to do."""

import json
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from scripts.regenerate import main
from tests.pipeline.web import http, web

ROOT = Path(__file__).parent.parent.parent
SMALL = ROOT / "tests" / "data" / "upstream" / "2024-05-02-004.json"
PLAIN = ("--overlay", "none", "--supplement", "none")


def state(root: Path) -> dict[str, str]:
    """What lies below `root`, but for the stage that the next run clears away."""
    files = (file for file in sorted(root.rglob("*")) if file.is_file() and ".regenerate" not in file.parts)
    return {str(file.relative_to(root)): sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """The result of a regeneration from the smallest document."""
    root = tmp_path_factory.mktemp("made")
    assert main(["--source", str(SMALL), *PLAIN, "--output", str(root)]) == 0
    return root


def docs(host: str) -> bytes:
    return http(f"<html><script>fetch('//{host}/openapi.json')</script></html>".encode(), content="text/html")


def emptied() -> bytes:
    document = json.loads(SMALL.read_text())
    return json.dumps(document | {"paths": {}}).encode()


def grown() -> bytes:
    document = json.loads((ROOT / "openapi" / "upstream.json").read_text())
    document["info"]["description"] = "x" * 50_000
    document["paths"] |= {
        f"/api/v2/new/route-{n}": path for n in range(40) for path in document["paths"].values()
    }
    document["tags"] = [{"name": f"tag {n}", "description": "y" * 10_000} for n in range(200)]
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("answers", "advice"),
    [
        ({"/api/v2": http(b"bad gateway", status="502 Bad Gateway")}, "answered 502"),
        (
            {"/api/v2": http(b"<html>maintenance</html>", content="text/html")},
            "give the address of the openapi.json",
        ),
        ({"/api/v2": docs("other.example")}, "another server"),
        ({"/api/v2": "docs", "/openapi.json": http(b"<html></html>", content="text/html")}, "HTML"),
        ({"/api/v2": "docs", "/openapi.json": http(SMALL.read_bytes()[:3000])}, "truncated"),
        ({"/api/v2": "docs", "/openapi.json": http(emptied())}, "no operations"),
        ({"/api/v2": "docs", "/openapi.json": http(grown())}, "pass the file as --source"),
    ],
    ids=["down", "maintenance", "changed host", "html", "half", "empty", "ten times"],
)
def test_a_server_that_fails_changes_nothing(made, capsys, answers, advice):
    before = state(made)
    with web(dict(answers)) as server:
        if server.answers["/api/v2"] == "docs":
            server.answers["/api/v2"] = docs(server.host)
        code = main(["--source", server.url, *PLAIN, "--output", str(made)])
    assert code == 2
    assert state(made) == before
    (line,) = [
        line for line in capsys.readouterr().err.splitlines() if line.startswith(("refused", "stopped"))
    ]
    assert advice in line


def test_a_server_that_is_gone_changes_nothing(made, capsys):
    with web({}) as server:
        pass
    before = state(made)
    assert main(["--source", server.url, *PLAIN, "--output", str(made)]) == 2
    assert state(made) == before
    assert "refused: " in capsys.readouterr().err


def test_a_server_that_lost_most_of_its_routes_changes_nothing(made, capsys, tmp_path):
    document = json.loads(SMALL.read_text())
    document["paths"] = dict(list(document["paths"].items())[:1])
    file = tmp_path / "half.json"
    file.write_text(json.dumps(document))
    before = state(made)
    assert main(["--source", str(file), *PLAIN, "--output", str(made), "--accept-breaking"]) == 2
    assert state(made) == before
    said = capsys.readouterr().err
    assert "3 of 4 operations would vanish" in said
    assert "--accept-mass-removal" in said
    assert "is gone: the server no longer offers" in said


KILLED_AFTER = """
import os, signal, sys
from scripts.regenerate import main

class Killing:
    \"\"\"Where the steps are told; telling that one is the last that the process does.\"\"\"

    def isatty(self):
        return False

    def write(self, text):
        if text.startswith(sys.argv[1]):
            os.kill(os.getpid(), signal.SIGKILL)

    def flush(self):
        pass

sys.stderr = Killing()
main(sys.argv[2:])
"""


@pytest.mark.parametrize("step", ["fetch", "diff", "shape", "generate"])
def test_a_run_killed_after_a_step_changes_nothing_and_the_next_one_succeeds(made, tmp_path, step):
    changed = json.loads(SMALL.read_text())
    changed["paths"]["/api/v2/new"] = next(iter(changed["paths"].values()))
    file = tmp_path / "changed.json"
    file.write_text(json.dumps(changed))
    before = state(made)
    arguments = ["--source", str(file), *PLAIN, "--output", str(made)]
    run = subprocess.run([sys.executable, "-c", KILLED_AFTER, step, *arguments], cwd=ROOT)
    assert run.returncode == -signal.SIGKILL
    assert state(made) == before
    assert main(["--source", str(SMALL), *PLAIN, "--output", str(made)]) == 0
    assert state(made) == before
    assert not (made / ".regenerate").exists()
