"""A small application, written when the server published its document of 2025-08-18. Never brought up to date."""

from collections.abc import Mapping
from typing import Any

from cocalc_v2.operations import operation
from cocalc_v2.resources import Root

PROJECT = "d9dbe5c2-8b4c-4d1f-9f6d-8e2f1a7c3b10"


def spend(client: Root) -> float:
    """Start a project, run something in it, and tell the balance."""
    started = client.projects.start(project_id=PROJECT)
    done = client.exec(project_id=PROJECT, command="ls", args=["-l"], timeout=10)
    client.auth.sign_up(email="a@example.com", password="secret!!", first_name="A", last_name="B", terms=True)
    bought = client.purchases.get_purchases(limit=10, offset=0)
    assert started.status == "ok"
    assert done.exit_code == 0
    return sum(purchase.cost or 0.0 for purchase in bought.purchases or [])


class Client(Root):
    """Answers as the server did then."""

    answers: Mapping[str, Any] = {
        "projects/start": {"status": "ok"},
        "exec": {"type": "blocking", "stdout": "", "stderr": "", "exit_code": 0},
        "auth/sign-up": {},
        "purchases/get-purchases": {
            "balance": 1.5,
            "purchases": [{"id": 1, "cost": 2.5}, {"id": 2, "cost": 1}],
        },
    }

    def _call(self, path: str, arguments: Mapping[str, Any], confirm: bool | None = None) -> Any:
        from importlib import import_module

        module = import_module(operation(path).module)
        return module.decode(self.answers[path], [])


if __name__ == "__main__":
    print(spend(Client()))
