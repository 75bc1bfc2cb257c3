"""`python -m cocalc_facade.testing`: a CoCalc to try things on, until interrupted."""

from __future__ import annotations

import argparse
import sys
import threading

from .standin import StandIn
from .world.clock import RealClock


def arguments(given: list[str] | None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m cocalc_facade.testing",
        description="Serve an in-memory CoCalc on this machine until interrupted.",
    )
    parser.add_argument(
        "--port", type=int, default=5000, help="where to listen; 0 takes a free port (default 5000)"
    )
    parser.add_argument("--base-path", default="", help="such as /base/path; everything lies under it then")
    parser.add_argument("--build", choices=("production", "development"), default="production")
    parser.add_argument(
        "--generation", choices=("cocalc", "ai"), default="cocalc", help="ai: the rewritten servers"
    )
    parser.add_argument(
        "--design", choices=("redoc", "swagger"), default="redoc", help="of the page about the API"
    )
    parser.add_argument(
        "--course",
        action="store_true",
        help="have a course of three students, algebra.course, in the project",
    )
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> int:
    """Serve; the keys are made for this server only, so they may be shown."""
    wanted = arguments(given)
    try:
        standin = StandIn(
            wanted.build,
            generation=wanted.generation,
            base_path=wanted.base_path,
            clock=RealClock(),
            docs_design=wanted.design,
        )
        if wanted.course:
            standin.add_course(students=3, joined=2)
        server = standin.server(wanted.port)
    except (OSError, OverflowError, ValueError) as fault:
        print(f"python -m cocalc_facade.testing: {fault}", file=sys.stderr)  # noqa: T201 - a command
        return 2
    with server:
        lines = [
            f"COCALC_HOST={server.url}",
            f"COCALC_API_KEY={standin.user.key}",
            f"# admin's key: {standin.admin.key}",
            *(
                [f"# key of the project {standin.project.project_id}: {standin.project_key.secret}"]
                if wanted.generation == "cocalc"
                else []
            ),
            "# Interrupt to stop.",
        ]
        try:
            print("\n".join(lines), flush=True)  # noqa: T201 - a command
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
