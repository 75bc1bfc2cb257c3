"""The command `cocalc-facade`, also as `python -m cocalc_facade`. Its version is told here, without importing anything."""

from __future__ import annotations

import sys

from cocalc_facade import __version__

NAME = "cocalc-facade"


def main() -> int:
    """Do what the command line says, and give the exit code. Nothing that goes wrong shows a traceback."""
    try:
        if None in (sys.stdin, sys.stdout, sys.stderr):
            from cocalc_facade.cli.ending import fill

            fill()
        if sys.argv[1:] == ["--version"]:
            sys.stdout.write(f"{NAME} {__version__}\n")
            sys.stdout.flush()
            return 0
        try:
            import click  # noqa: F401
        except ImportError as missing:
            if missing.name != "click":
                raise
            sys.stderr.write(f"{NAME}: the command line needs an extra: pip install 'cocalc-facade[cli]'\n")
            return 2
        from cocalc_facade.cli.ending.signals import at_once
        from cocalc_facade.cli.main import run

        code = run(sys.argv[1:])
        at_once()
        return code
    except BaseException as error:
        from cocalc_facade.cli.ending import end

        return end(error)


if __name__ == "__main__":
    sys.exit(main())
