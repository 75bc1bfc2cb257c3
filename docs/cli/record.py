"""Record what the command line shows: `python docs/cli/record.py [FOLDER]` writes docs/cli/*.txt.

Twenty commands on the stand-in, each in a terminal of its own, 80 and 120 columns wide, with and without colours.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

from cocalc_facade.testing import RealClock, StandIn

FOLDER = Path(__file__).resolve().parent
TEX = r"\documentclass{article}\begin{document}Hello \undefined\end{document}"
COMMANDS = (
    "whoami",
    "can projects/start",
    "projects list",
    "projects state $P",
    "projects find 'Measured project'",
    "projects start $P",
    "run $P -- sh -c 'echo hello; exit 3'",
    "cp notes.txt $P:notes.txt",
    "ls $P:",
    "cat $P:notes.txt",
    "latex paper.tex --project-id $P",
    "query projects project_id title",
    "query projects titel",
    "keys list",
    "cart add-license --user academic --run-limit 30",
    "cart items --fields id,product,checked",
    "call projects/stop -f project_id=$P --dry-run",
    "call projects/stopp",
    "schema route projects/stop",
    "whoami --json --fields kind,first_name",
)
"""What is typed; `$P` is a project."""


def prepare(here: Path) -> None:
    """Put the files into a folder that the commands are typed in."""
    (here / "notes.txt").write_text("Calculus 1\n")
    (here / "paper.tex").write_text(TEX)


def recorded(words: list[str], columns: int, environment: dict[str, str], cwd: str) -> str:
    """Give what a terminal of that width gets from a command."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "cocalc_facade", *words],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=environment,
        cwd=cwd,
    )
    os.close(follower)
    parts = []
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:  # so a terminal of Linux says that nobody writes to it any more
            break
        if not part:
            break
        parts.append(part)
    os.close(leader)
    code = process.wait()
    shown = b"".join(parts).decode().replace("\r\n", "\n")
    return shown + (f"[exit code {code}]\n" if code else "")


def main(folder: Path = FOLDER) -> int:
    """Write the sessions."""
    folder.mkdir(parents=True, exist_ok=True)
    for columns in (80, 120):
        for plain in (True, False):
            standin = StandIn(clock=RealClock())
            project = standin.project.project_id
            with standin.serve() as url, tempfile.TemporaryDirectory() as here:
                prepare(Path(here))
                kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
                environment = {
                    **kept,
                    "COCALC_HOST": url,
                    "COCALC_API_KEY": standin.user.key,
                    "TERM": "xterm",
                }
                if plain:
                    environment["NO_COLOR"] = "1"
                text = "".join(
                    f"$ cocalc-facade {line}\n"
                    + recorded(shlex.split(line.replace("$P", project)), columns, environment, here)
                    + "\n"
                    for line in COMMANDS
                )
            ending = "txt" if plain else "ansi"
            (folder / f"session-{columns}.{ending}").write_text(
                re.sub(r"[ \t]+\n", "\n", text).rstrip() + "\n"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
