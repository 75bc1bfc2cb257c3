"""A Python client for CoCalc's HTTP API that is right about the real server.

    from cocalc_facade import CoCalc

    with CoCalc("sk-…") as client:
        client.projects.stop(project_id="…")

Names are imported when they are first asked for, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from ._version import __version__

# False, and True to type checkers. Completion would see through the word `False`, and importing typing costs more than all the rest.
TYPE_CHECKING = bool()  # noqa: UP018
if TYPE_CHECKING:
    from ._async_client import AsyncCoCalc
    from ._calls.decoding.mismatches import Mismatch, Mismatches
    from ._calls.decoding.raw import RawAnswer
    from ._calls.guarding.placeholders import is_placeholder
    from ._calls.guarding.plan import PlannedCall
    from ._calls.hooks import Request, Response
    from ._calls.retries import Attempt
    from ._calls.timeouts import Timeout
    from ._client import CoCalc
    from ._errors import (
        APIError,
        AuthenticationError,
        CoCalcError,
        CoCalcWarning,
        CommandError,
        ConfigurationError,
        ConfirmationRequired,
        ConflictError,
        ConnectionFailed,
        InvalidRequestError,
        NotAvailableError,
        NotFoundError,
        PaymentRequiredError,
        PermissionDeniedError,
        PostOnlyError,
        RateLimitError,
        ReadOnlyError,
        ResponseError,
        SchemaMismatch,
        ServerError,
        TimedOut,
        TransportError,
        UnexpectedResponse,
    )
    from ._jobs.account.api_keys import ApiKey, NewApiKey
    from ._jobs.account.identity import Identity
    from ._jobs.account.permission import Permission
    from ._jobs.async_methods.courses.course import AsyncCourse
    from ._jobs.async_methods.project import AsyncProject
    from ._jobs.courses.document import CourseProblem
    from ._jobs.courses.rows import (
        Assignment,
        CourseContent,
        Grade,
        Handout,
        Mark,
        Member,
        Student,
        StudentWork,
    )
    from ._jobs.files.results import Refused, Transfer
    from ._jobs.jupyter.evaluate import Kernel
    from ._jobs.jupyter.evaluation import Evaluation
    from ._jobs.latex import LatexResult
    from ._jobs.listing import DirectoryListing, Entry
    from ._jobs.many.outcomes import Cause, MapInterrupted, Outcome, Outcomes
    from ._jobs.methods.courses.course import Course
    from ._jobs.methods.project import Project
    from ._jobs.money.cart import CartItem, Checkout
    from ._jobs.money.licenses import License
    from ._jobs.money.purchases import Purchase, Purchases
    from ._jobs.people.accounts import AccountRow, Collaborator, ProjectRow
    from ._jobs.projects import ProjectState
    from ._jobs.query import QueryRows
    from ._jobs.tables import TABLES
    from ._jobs.texlog import LatexMessage
    from ._jobs.values.commands import CompletedCommand
    from ._jobs.values.routes import RouteArgument, RouteDescription
    from ._jobs.values.secret import Secret
    from ._json.form import jsonable
    from ._schema import SCHEMA

__all__ = [
    "SCHEMA",
    "TABLES",
    "APIError",
    "AccountRow",
    "ApiKey",
    "Assignment",
    "AsyncCoCalc",
    "AsyncCourse",
    "AsyncProject",
    "Attempt",
    "AuthenticationError",
    "CartItem",
    "Cause",
    "Checkout",
    "CoCalc",
    "CoCalcError",
    "CoCalcWarning",
    "Collaborator",
    "CommandError",
    "CompletedCommand",
    "ConfigurationError",
    "ConfirmationRequired",
    "ConflictError",
    "ConnectionFailed",
    "Course",
    "CourseContent",
    "CourseProblem",
    "DirectoryListing",
    "Entry",
    "Evaluation",
    "Grade",
    "Handout",
    "Identity",
    "InvalidRequestError",
    "Kernel",
    "LatexMessage",
    "LatexResult",
    "License",
    "MapInterrupted",
    "Mark",
    "Member",
    "Mismatch",
    "Mismatches",
    "NewApiKey",
    "NotAvailableError",
    "NotFoundError",
    "Outcome",
    "Outcomes",
    "PaymentRequiredError",
    "Permission",
    "PermissionDeniedError",
    "PlannedCall",
    "PostOnlyError",
    "Project",
    "ProjectRow",
    "ProjectState",
    "Purchase",
    "Purchases",
    "QueryRows",
    "RateLimitError",
    "RawAnswer",
    "ReadOnlyError",
    "Refused",
    "Request",
    "Response",
    "ResponseError",
    "RouteArgument",
    "RouteDescription",
    "SchemaMismatch",
    "Secret",
    "ServerError",
    "Student",
    "StudentWork",
    "TimedOut",
    "Timeout",
    "Transfer",
    "TransportError",
    "UnexpectedResponse",
    "__version__",
    "is_placeholder",
    "jsonable",
]

_HOMES = {
    "SCHEMA": "_schema",
    "AsyncCoCalc": "_async_client",
    "Attempt": "_calls.retries",
    "CoCalc": "_client",
    "Identity": "_jobs.account.identity",
    "Permission": "_jobs.account.permission",
    "Mismatch": "_calls.decoding.mismatches",
    "Mismatches": "_calls.decoding.mismatches",
    "PlannedCall": "_calls.guarding.plan",
    "RawAnswer": "_calls.decoding.raw",
    "is_placeholder": "_calls.guarding.placeholders",
    "RouteArgument": "_jobs.values.routes",
    "RouteDescription": "_jobs.values.routes",
    "Request": "_calls.hooks",
    "Response": "_calls.hooks",
    "Timeout": "_calls.timeouts",
    "AccountRow": "_jobs.people.accounts",
    "Assignment": "_jobs.courses.rows",
    "AsyncCourse": "_jobs.async_methods.courses.course",
    "Collaborator": "_jobs.people.accounts",
    "Course": "_jobs.methods.courses.course",
    "CourseContent": "_jobs.courses.rows",
    "CourseProblem": "_jobs.courses.document",
    "Evaluation": "_jobs.jupyter.evaluation",
    "Kernel": "_jobs.jupyter.evaluate",
    "Grade": "_jobs.courses.rows",
    "Handout": "_jobs.courses.rows",
    "Mark": "_jobs.courses.rows",
    "Member": "_jobs.courses.rows",
    "ProjectRow": "_jobs.people.accounts",
    "Student": "_jobs.courses.rows",
    "StudentWork": "_jobs.courses.rows",
    "ApiKey": "_jobs.account.api_keys",
    "NewApiKey": "_jobs.account.api_keys",
    "CartItem": "_jobs.money.cart",
    "Cause": "_jobs.many.outcomes",
    "Checkout": "_jobs.money.cart",
    "CompletedCommand": "_jobs.values.commands",
    "DirectoryListing": "_jobs.listing",
    "Entry": "_jobs.listing",
    "LatexMessage": "_jobs.texlog",
    "LatexResult": "_jobs.latex",
    "License": "_jobs.money.licenses",
    "MapInterrupted": "_jobs.many.outcomes",
    "Outcome": "_jobs.many.outcomes",
    "Outcomes": "_jobs.many.outcomes",
    "ProjectState": "_jobs.projects",
    "Refused": "_jobs.files.results",
    "Transfer": "_jobs.files.results",
    "Purchase": "_jobs.money.purchases",
    "Purchases": "_jobs.money.purchases",
    "QueryRows": "_jobs.query",
    "Secret": "_jobs.values.secret",
    "jsonable": "_json.form",
    "TABLES": "_jobs.tables",
    "Project": "_jobs.methods.project",
    "AsyncProject": "_jobs.async_methods.project",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module("." + _HOMES.get(name, "_errors"), __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
