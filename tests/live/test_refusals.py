"""What a refusal means is told from the server's words: the same class on every server, whatever stands in the words."""

from __future__ import annotations

import pytest

from cocalc_facade import (
    APIError,
    AuthenticationError,
    CoCalc,
    CoCalcError,
    InvalidRequestError,
    NotFoundError,
)
from cocalc_facade import PermissionDeniedError as NotAllowed

from .conftest import ClientFor

NOBODY = "00000000-0000-4000-8000-000000000000"
FAR = 2_000_000_000


@pytest.mark.parametrize(
    ("route", "body", "kind"),
    [
        ("accounts/profile", {"account_id": NOBODY}, NotFoundError),
        ("accounts/get-names", {"account_ids": ["x"]}, InvalidRequestError),
        ("compute/get-template", {"id": FAR}, NotFoundError),
        ("compute/set-server-color", {"id": FAR, "color": "#123"}, NotAllowed),
        ("licenses/get-license", {"license_id": NOBODY}, NotFoundError),
        ("projects/call", {"project_id": NOBODY, "mesg": {"event": "ping"}}, NotAllowed),
        ("projects/copy-path-status", {"copy_id": NOBODY}, NotFoundError),
        ("projects/delete", {"project_id": NOBODY}, NotAllowed),
        ("projects/touch", {"project_id": NOBODY}, NotAllowed),
        ("projects/write-text-file", {"project_id": NOBODY, "path": "a.txt", "content": "x"}, NotAllowed),
        ("purchases/get-service-cost", {"service": "no-such-service"}, InvalidRequestError),
        ("purchases/get-statements", {"interval": "week", "limit": 1}, InvalidRequestError),
    ],
)  # fmt: skip
def test_a_refusal_has_its_class(
    cocalc: CoCalc, route: str, body: dict[str, object], kind: type[APIError]
) -> None:
    with pytest.raises(kind) as caught:
        cocalc.call(route, body, check=False)
    assert type(caught.value) is not APIError


@pytest.mark.parametrize("route", ["projects/get", "purchases/get-balance", "user-query"])
def test_a_wrong_key_is_nobodys(client_for: ClientFor, route: str) -> None:
    body = {"query": {"accounts": {"account_id": None}}} if route == "user-query" else {}
    with pytest.raises(AuthenticationError):
        client_for("sk-wrongwrongwrong000000").call(route, body, check=False)


def test_no_call_is_said_to_have_run_that_was_refused_before(cocalc: CoCalc) -> None:
    with pytest.raises(CoCalcError) as caught:
        cocalc.projects.start(project_id=NOBODY)
    assert caught.value.maybe_executed is False
