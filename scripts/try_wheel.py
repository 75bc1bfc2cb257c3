"""Try a wheel as its users get it: in an empty environment, with the oldest or the newest dependencies it allows."""

import argparse
import re
import subprocess
import sys
import tempfile
import venv
import zipfile
from email.parser import Parser
from pathlib import Path

CALLS = """
from cocalc_facade import CoCalc, SCHEMA, __version__
from cocalc_facade.testing import StandIn

standin = StandIn()
with standin.serve() as url, CoCalc(standin.user.key, base_url=url) as client:
    assert client.projects.stop(project_id=standin.project.project_id).status == "ok"
    assert client.check_schema() is not None
print("cocalc-facade", __version__, "with", SCHEMA.operations, "operations")
"""


def lowest(wheel: Path) -> list[str]:
    """Return the dependencies of `wheel`, each pinned to the oldest version that it allows."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(name).decode())
    pins = []
    for requirement in metadata.get_all("Requires-Dist", []):
        found = re.match(r"([\w.-]+)[^;]*>=\s*([\w.]+)", requirement)
        if "extra ==" not in requirement and found:
            pins.append(f"{found[1]}=={found[2]}")
    return pins


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(description="Install and try a wheel, or the latest release.")
    parser.add_argument("what", help="a wheel, or `cocalc-facade` for the released one")
    parser.add_argument("--dependencies", choices=("lowest", "newest"), default="newest")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        pins = lowest(Path(options.what)) if options.dependencies == "lowest" else []
        for command in (
            ["-m", "pip", "install", "--quiet", options.what, *pins],
            ["-m", "pip", "check"],
            ["-I", "-W", "error", "-c", CALLS],
        ):
            if subprocess.run([str(python), *command], check=False).returncode:  # noqa: S603 - our own interpreter
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
