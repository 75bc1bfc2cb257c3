"""What only a process shows: pipes that close, full disks, Ctrl-C, a missing extra."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cocalc_facade import __version__
from cocalc_facade.testing import RealClock, StandIn

COMMAND = [sys.executable, "-m", "cocalc_facade"]
FULL = Path("/dev/full")


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    standin = StandIn(clock=RealClock())
    with standin.serve() as url:
        yield {
            **os.environ,
            "PYTHONUNBUFFERED": "",  # streams as most users have them
            "COCALC_HOST": url,
            "COCALC_API_KEY": standin.user.key,
            "P": standin.project.project_id,
        }


def ended(words: list[str], environment: dict[str, str], **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
        **more,
    )  # type: ignore[call-overload,no-any-return]


def test_the_version_is_told_without_the_library() -> None:
    program = "import sys; sys.argv = ['x', '--version']; from cocalc_facade.__main__ import main; main(); print('click' in sys.modules, 'httpx' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert told == f"cocalc-facade {__version__}\nFalse False\n"


def test_without_the_extra_one_line_says_what_to_install() -> None:
    program = "import sys; sys.modules['click'] = None; sys.argv = ['x', 'whoami']; from cocalc_facade.__main__ import main; sys.exit(main())"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr == "cocalc-facade: the command line needs an extra: pip install 'cocalc-facade[cli]'\n"


def test_without_a_key_one_line_says_so(environment: dict[str, str]) -> None:
    told = ended(["whoami"], {**environment, "COCALC_API_KEY": ""})
    assert told.returncode == 78
    assert told.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
def test_a_closed_pipe_ends_it_silently(environment: dict[str, str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    told = ended(["schema", "routes"], environment, stdout=writer)
    os.close(writer)
    assert (told.returncode, told.stderr) == (141, "")


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("words", [["--version"], ["--help"], ["whoami"], ["schema", "routes", "--json"]])
def test_a_full_disk_is_told_in_one_line(words: list[str], environment: dict[str, str]) -> None:
    with FULL.open("w") as full:
        told = ended(words, environment, stdout=full)
    assert told.returncode == 74
    assert told.stderr.count("\n") == 1
    assert "No space left" in told.stderr


def test_mcp_serves_tools_until_its_input_ends(environment: dict[str, str]) -> None:
    hello = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }
    asked = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "whoami", "arguments": {}}},
    ]
    process = subprocess.Popen(
        [*COMMAND, "mcp", "--timeout", "30"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for message in asked:
        process.stdin.write(f"{json.dumps(message)}\n")
    process.stdin.flush()
    first, second = (json.loads(process.stdout.readline()) for _ in range(2))
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (0, "")
    assert first["result"]["serverInfo"]["name"] == "cocalc-facade"
    assert "user@example.com" in json.dumps(second)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--read-only", "mcp", "--allow-changes"], "--read-only and --allow-changes"),
        (["--dry-run", "mcp"], "no dry run"),
        (["mcp", "--allow-change"], "--allow-change"),
    ],
)
def test_mcp_refuses_what_it_cannot_promise(words: list[str], says: str, environment: dict[str, str]) -> None:
    told = ended(words, environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert (told.returncode, told.stdout) == (2, "")
    assert says in told.stderr
