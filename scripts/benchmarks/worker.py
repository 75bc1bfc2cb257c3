"""Work in a process of its own, so that neither side sees the other's heap, modules or warm caches.

As a program: `worker.py MODULE:FUNCTION ARGUMENT…` calls the function, which gives the work, and does the work once for every line of
its input, answering with what it cost.
"""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path

from scripts.benchmarks.contest import Side

ROOT = Path(__file__).resolve().parent.parent.parent


def cpu(work: Callable[[], object]) -> Side:
    """The work's CPU seconds in this process."""

    def side() -> float:
        gc.collect()
        start = time.process_time()
        result = work()
        spent = time.process_time() - start
        del result
        return spent

    return side


def warm(
    stack: ExitStack,
    function: Callable[..., Side],
    *arguments: str,
    python: str = sys.executable,
    **environment: str,
) -> Side:
    """A side that lives on in its own process: what the function gives there, done once a round."""
    process = subprocess.Popen(
        [python, "-m", __name__, f"{function.__module__}:{function.__qualname__}", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=_environment(environment),
    )

    def end() -> None:
        process.communicate()

    stack.callback(end)

    def side() -> float:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{function.__qualname__} ended without an answer")
        return float(line)

    return side


def cold(code: str, python: str = sys.executable, **environment: str) -> Side:
    """A side that starts a new interpreter each round: the CPU seconds of the code, without the interpreter's own start."""
    program = f"import time; start = time.process_time()\n{code}\nprint(time.process_time() - start)"

    def side() -> float:
        done = subprocess.run(
            [python, "-P", "-c", program],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env=_environment(environment),
        )
        return float(done.stdout)

    return side


def command(arguments: list[str], cwd: Path = ROOT, before: Callable[[], object] = lambda: None) -> Side:
    """A side that runs a program each round: its CPU seconds, those of the processes that it starts included."""

    def side() -> float:
        before()
        start = _of_children()
        done = subprocess.run(
            arguments, cwd=cwd, capture_output=True, text=True, env=_environment({}), check=False
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)} failed: {(done.stderr or done.stdout)[-2000:]}")
        return _of_children() - start

    return side


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _environment(more: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COCALC_", "PYTHON"))}
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**kept, "PATH": tools, "COCALC_API_KEY": "sk-0000000000000001", **more}


def _main(place: str, *arguments: str) -> None:
    module, _, function = place.partition(":")
    side: Side = getattr(import_module(module), function)(*arguments)
    for _ in sys.stdin:
        print(side(), flush=True)


if __name__ == "__main__":
    _main(*sys.argv[1:])
