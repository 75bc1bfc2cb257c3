"""Other clients, each in an environment of its own, against the httpx that they bring."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from scripts.benchmarks.contest import Side
from scripts.benchmarks.growth.operations import CACHE
from scripts.benchmarks.loopback import loopback
from scripts.benchmarks.regeneration import bare_generator
from scripts.benchmarks.start import PROJECT
from scripts.benchmarks.worker import cold, command, cpu, warm

CALLS = 300
BARE = "bare_client"


@dataclass(frozen=True, slots=True)
class Peer:
    """A client, how to import it as its documentation does, one of its simplest typed calls, an answer that it takes, and its httpx."""

    name: str
    packages: tuple[str, ...]
    importing: str
    call: Callable[[str], Side]
    answer: str = '{"status": "ok"}'
    httpx: str = "httpx"


def measure_peers(rounds: int) -> Iterator[tuple[str, str, float]]:
    """Name, what was measured and the median ratio, for every peer that could be installed."""
    for peer in PEERS:
        try:
            yield from _measured(peer, environment(peer), rounds)
        except (subprocess.CalledProcessError, RuntimeError) as failure:
            print(f"{peer.name}: not measured, {failure}"[:300])


def _measured(peer: Peer, python: Path, rounds: int) -> Iterator[tuple[str, str, float]]:
    name = f"{peer.name} {_version(python, peer)}".strip() + (
        f" on {peer.httpx}" if peer.httpx != "httpx" else ""
    )
    own, path = str(python), str(python.parent.parent)
    with ExitStack() as stack:
        server = stack.enter_context(loopback(peer.answer))
        importing = cold(peer.importing, own, PYTHONPATH=path)
        yield name, "import", ratio(importing, cold(f"import {peer.httpx}", own), rounds)
        call = warm(stack, peer.call, server, python=own, PYTHONPATH=path)
        yield name, "one warm call", ratio(call, warm(stack, bare, server, peer.httpx, python=own), rounds)


def ratio(ours: Side, theirs: Side, rounds: int) -> float:
    """The median of interleaved rounds, after one that does not count."""
    return median([ours() / theirs() for _ in range(rounds + 1)][1:])


def environment(peer: Peer) -> Path:
    """The interpreter of the peer's own environment, made when it is not there yet."""
    folder = CACHE / "peers" / peer.name
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if not ready.exists():
        run = [str(python), "-m", "pip", "install", "--quiet", *peer.packages]
        for arguments in ([sys.executable, "-m", "venv", "--clear", str(folder)], run):
            subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
        if peer.call is generated:
            command(bare_generator(folder / BARE))()
        ready.touch()
    return python


def _version(python: Path, peer: Peer) -> str:
    package = peer.packages[0]
    if peer.call is generated:
        return ""
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return subprocess.run(
        [str(python), "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()


def bare(server: str, name: str) -> Side:
    """The bare call that all are compared with."""
    httpx: Any = import_module(name)
    client = httpx.Client()
    return _repeated(
        lambda: client.post(f"{server}/api/v2/projects/stop", json={"project_id": PROJECT}).json()
    )


def cocalc_api(server: str) -> Side:
    """The other client of CoCalc."""
    client: Any = import_module("cocalc_api").Hub(api_key="sk-0000000000000001", host=server)
    return _repeated(lambda: client.system.ping())


def openai(server: str) -> Side:
    """A generated client."""
    client: Any = import_module("openai").OpenAI(api_key="none", base_url=server)
    return _repeated(lambda: client.models.retrieve("x"))


def githubkit(server: str) -> Side:
    """A generated client that is lazy. Entered, for otherwise it makes an httpx client for every call (70 times the time)."""
    client: Any = import_module("githubkit").GitHub("none", base_url=server).__enter__()
    return _repeated(lambda: client.rest.repos.get_all_topics("a", "b").parsed_data)


def generated(server: str) -> Side:
    """The generator's own output for our document."""
    client: Any = import_module(BARE).Client(base_url=server)
    stop: Any = import_module(f"{BARE}.api.projects.projectsstop")
    body: Any = import_module(f"{BARE}.models").ProjectsStopRequest(project_id=PROJECT)
    return _repeated(lambda: stop.sync(client=client, body=body))


def _repeated(work: Callable[[], object]) -> Side:
    def many() -> None:
        for _ in range(CALLS):
            work()

    many()
    return cpu(many)


PEERS = (
    Peer("cocalc-api", ("cocalc-api",), "from cocalc_api import Hub", cocalc_api),
    Peer(
        "openapi-python-client",
        ("httpx", "attrs", "python-dateutil"),
        f"from {BARE} import Client; from {BARE}.api.projects import projectsstop",
        generated,
    ),
    Peer("githubkit", ("githubkit", "hishel<1"), "from githubkit import GitHub", githubkit, '{"names": []}'),
    Peer(
        "openai",
        ("openai",),
        "from openai import OpenAI",
        openai,
        '{"id": "x", "created": 1, "object": "model", "owned_by": "x"}',
        "httpx2",
    ),
)
