"""jupyter/*: kernels, and small sums that stand for running code."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import UNDEFINED, dumps, js_text
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.clock import iso
from cocalc_facade.testing.world.state import Project

from .kernel import OWN, POOL, outputs
from .projects import ensure_running

DISABLED = "Jupyter API is not enabled on this server."
KERNEL: dict[str, Any] = {
    "name": "python3",
    "display_name": "Python 3",
    "language": "python",
    "interrupt_mode": "signal",
    "env": {},
    "metadata": {"debugger": True},
    "resource_dir": "/usr/share/jupyter/kernels/python3",
    "argv": ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
}


def kernels(call: Call) -> Any:
    """The kernels of a project, or of the site."""
    if not call.get("project_id"):
        if not call.site.jupyter_api:
            raise Refusal(DISABLED)
        metadata = {"debugger": True, "supported_encryption": ["curve"]}
        shown = {name: value for name, value in KERNEL.items() if name != "interrupt_mode"}
        return {"kernels": [{**shown, "metadata": metadata}], "success": True}
    project = _project(call)
    ensure_running(call, project)
    return {"kernels": [KERNEL] if call.site.jupyter else [], "success": True}


def _project(call: Call) -> Project:
    call.account_id("account_id must be specified -- make sure you are signed in")
    if not call.collaborates(call.get("project_id")):
        raise Refusal("permission denied -- user must be collaborator on project")
    return call.world.projects[str(call.get("project_id")).lower()]


def execute(call: Call) -> Any:
    """Run code. The stand-in knows `print` and sums of numbers; it never runs Python of the caller."""
    code, site, wanted = call.get("input"), call.site, call.get("project_id", None)
    if call.get("hash", None) is not None and not call.get("noCache"):
        return {"success": True}
    if code in (UNDEFINED, None):
        raise Refusal("input or hash must not be null")
    if call.get("kernel", None) is None:
        raise Refusal("kernel must be specified in hash is not specified")
    # Where the API is on, what was run before is told again, to anybody.
    asked = dumps([call.get(name, None) for name in ("input", "kernel", "history", "project_id", "path")])
    known = call.world.outputs.get(asked) if site.jupyter_api and not call.get("noCache") else None
    if known is not None:
        return {**known, "success": True}
    if wanted is not None:
        ensure_running(call, _project(call))
    elif not site.jupyter_api:
        raise Refusal(DISABLED)
    kernel = js_text(call.get("kernel"))
    if kernel != "python3":
        raise Refusal(_no_kernel(kernel))
    if call.get("history") and site.oddities.jupyter_hangs:
        call.seconds = 60.0
        raise Refusal("undefined")
    history = call.get("history")
    if isinstance(history, str):
        raise Refusal("history.join is not a function")
    limits = POOL if wanted is None else OWN
    before = ["\n".join(js_text(item) for item in history)] if isinstance(history, list) and history else []
    output, seconds = outputs([*before, js_text(code)], limits)
    call.seconds += seconds
    found = {"output": output, "created": iso(call.world.now())}
    call.world.outputs[asked] = {"id": len(call.world.outputs) + 1, **found}
    return {**found, "success": True}


def _no_kernel(kernel: str) -> str:
    return (
        f'Error: **Unable to Spawn Jupyter Kernel:**\n\nError: No spec available for kernel "{kernel}".  '
        f'Available specs: ["python3"] \n\nTry this in a terminal to help debug this (or contact support): '
        f"`jupyter console --kernel={kernel}`\n\nOnce you fix the problem, explicitly restart this kernel to test here."
    )
