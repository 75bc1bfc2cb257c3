"""What type checkers must make of a user's code. Never run."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, assert_type

import httpx
from cocalc_v2.models.ok import Ok

from cocalc_facade import (
    SCHEMA,
    APIError,
    AsyncCoCalc,
    CoCalc,
    CoCalcError,
    ConflictError,
    Identity,
    Mismatch,
    NotAvailableError,
    PaymentRequiredError,
    PermissionDeniedError,
    PlannedCall,
    RateLimitError,
    Request,
    RouteArgument,
    RouteDescription,
    Timeout,
    is_placeholder,
)


def show(request: Request) -> None:
    pass


def sync_code(project_id: str) -> None:
    with CoCalc("sk-…", "https://cocalc.com", timeout=30, max_retries=1, on_request=show) as client:
        assert_type(client, CoCalc)
        result = client.projects.stop(project_id=project_id)
        assert_type(result, Ok)
        assert_type(client.whoami(), Identity)
        assert_type(client.call("projects/stop", {"project_id": project_id}), Any)
        assert_type(CoCalc.from_profile("school", read_only=True, timeout=5), CoCalc)
        assert_type(client.with_options(dry_run=True).planned, tuple[PlannedCall, ...])
        assert_type(client.describe("projects/stop"), RouteDescription)
        assert_type(client.describe("projects/stop").required, tuple[RouteArgument, ...])
        assert_type(client.routes("projects/"), tuple[str, ...])
        assert_type(is_placeholder(result), bool)
        view = client.with_options(timeout=Timeout(5, read=2), strict=True)
        assert_type(view, CoCalc)
        raw = client.with_raw_response.projects.stop(project_id=project_id)
        assert_type(raw.status, int)
        assert_type(raw.content, bytes)
        assert_type(raw.parse(), Ok)
        for mismatch in client.mismatches:
            assert_type(mismatch, Mismatch)
    CoCalc(lambda: "sk-…", http_client=httpx.Client())


async def async_code(project_id: str) -> None:
    async with AsyncCoCalc() as client:
        assert_type(client, AsyncCoCalc)
        result = await client.projects.stop(project_id=project_id)
        assert_type(result, Ok)
        assert_type(await client.whoami(), Identity)
        assert_type(client.with_options(max_retries=0), AsyncCoCalc)
        raw = await client.with_raw_response.projects.stop(project_id=project_id)
        assert_type(raw.status, int)


def errors(client: CoCalc) -> float | None:
    try:
        client.call("customize")
    except RateLimitError as error:
        return error.retry_after
    except PaymentRequiredError as error:
        assert_type(error.amount, Decimal | None)
    except PermissionDeniedError as error:
        assert_type(error.capability, str | None)
    except (ConflictError, NotAvailableError) as error:
        assert_type(error.status, int | None)
    except APIError as error:
        assert_type(error.code, str | None)
    except CoCalcError as error:
        assert_type(error.message, str)
        assert_type(error.path, str | None)
        assert_type(error.maybe_executed, bool)
    assert_type(SCHEMA.operations, int)
    return None


def mistakes(client: CoCalc) -> None:
    client.projects.stop()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.projects.stop(project_id=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.with_options(api_key="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.no_such_group  # type: ignore[attr-defined]  # noqa: B018 # pyright: ignore
