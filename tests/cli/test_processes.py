"""What only a process shows: pipes that close, full disks, Ctrl-C, a missing extra."""

from __future__ import annotations

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
    assert told.returncode in (67, 78)
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
