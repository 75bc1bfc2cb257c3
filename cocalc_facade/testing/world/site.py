"""One server: how it is set up, its ways, and the world that it serves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .clock import Clock
from .state import START_SECONDS, STOP_SECONDS, World

Design = Literal["redoc", "swagger"]
Generation = Literal["cocalc", "ai"]


@dataclass(slots=True)
class Oddities:
    """The real server's odd ways. All that it always has are on; each can be switched off.

    `cut_seconds`: when the hub stops waiting for a project, None for never. `idle_seconds`: when an idle connection is
    closed (over sockets), None for never. `key_cache_seconds`: how long a deleted key goes on working.
    `start_races`: a start during a stop answers ok and the project ends stopped; parallel starts may answer EEXIST.
    `latex_seconds`: how long a compilation takes. `rate_limits`: the throttle. `jupyter_hangs`: code with history runs into the 60 seconds.
    `signals_hidden`: a process that died by a signal has exit code 0; else 128 and the signal, as in a shell.
    `copies_skip_newer`: what is newer in the target of a copy is left as it is, without a word.

    Some come about now and then, and are therefore off: `upload_seconds`, how long after the answer an uploaded file is there; `start_fails`, a project that does not run cannot be started, and calls that
    need it answer `{}` or "undefined" within seconds; `pdf_seconds`, how long the address of a fresh PDF answers 404; `database_down`.
    """

    cut_seconds: float | None = 60.0
    idle_seconds: float | None = 5.0
    key_cache_seconds: float = 15.0
    latex_seconds: float = 1.5
    start_races: bool = True
    rate_limits: bool = True
    jupyter_hangs: bool = False
    signals_hidden: bool = True
    copies_skip_newer: bool = True
    start_fails: bool = False
    pdf_seconds: float = 0.0
    upload_seconds: float = 0.0
    database_down: bool = False


@dataclass(repr=False, eq=False)
class Site:
    """What handlers and pages know of the server.

    Args:
        world: all state.
        document_text: the OpenAPI document that it publishes.
        base_path: such as `/base/path`; everything lies under it then.
        docs_design: which of the two designs the page about the API has.
        start_seconds, stop_seconds: how long projects take for it.
        oddities: which of the real server's odd ways it has.
        jupyter: whether there is a kernel.
        jupyter_api: whether code may be run without a project.
        generation: `cocalc`, or `ai` for the rewritten servers.
        hosts: whether a server of the newer generation has a machine on which projects can run.
        pages: whether it lists projects in pages, as later versions of that generation do.
        clock_given: whether the clock was chosen; else a server on loopback takes the time of the machine.
    """

    world: World
    document_text: str
    base_path: str = ""
    docs_design: Design = "redoc"
    start_seconds: float = START_SECONDS
    stop_seconds: float = STOP_SECONDS
    oddities: Oddities = field(default_factory=Oddities)
    jupyter: bool = True
    jupyter_api: bool = False
    clock_given: bool = False
    generation: Generation = "cocalc"
    hosts: bool = True
    pages: bool = False

    def __post_init__(self) -> None:
        self.born: float = self.world.now()

    @property
    def clock(self) -> Clock:
        """The time it lives in."""
        return self.world.clock

    @clock.setter
    def clock(self, clock: Clock) -> None:
        self.world.clock = clock

    @property
    def site_url(self) -> str:
        """The address that the site believes to have: no host name is configured, so it is wrong, as measured."""
        return "https://localhost" + self.base_path
