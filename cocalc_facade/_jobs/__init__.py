"""What people do: one file a job, its flows and results.

The classes that jobs take and give are names of this package, imported when one is asked for: annotations name them so, and
`typing.get_type_hints` finds them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame as DataFrame  # type: ignore[import-untyped,import-not-found,unused-ignore] # pyright: ignore[reportMissingImports]

    from cocalc_facade._calls.learning.learned import Generation as Generation
    from cocalc_facade._drift.report import Report as Report

    from .account.api_keys import ApiKey as ApiKey
    from .account.api_keys import ApiKeys as ApiKeys
    from .account.api_keys import NewApiKey as NewApiKey
    from .account.identity import Identity as Identity
    from .account.permission import Permission as Permission
    from .async_methods.cart import AsyncCart as AsyncCart
    from .async_methods.courses.course import AsyncCourse as AsyncCourse
    from .async_methods.keys import AsyncKeys as AsyncKeys
    from .async_methods.pages import AsyncPurchasePages as AsyncPurchasePages
    from .async_methods.project import AsyncProject as AsyncProject
    from .courses.rows import Assignment as Assignment
    from .courses.rows import Assignments as Assignments
    from .courses.rows import CourseContent as CourseContent
    from .courses.rows import Grades as Grades
    from .courses.rows import Handout as Handout
    from .courses.rows import Handouts as Handouts
    from .courses.rows import Member as Member
    from .courses.rows import Student as Student
    from .courses.rows import Students as Students
    from .courses.rows import StudentWorks as StudentWorks
    from .files.results import Refused as Refused
    from .files.results import Transfer as Transfer
    from .jupyter.evaluate import Kernels as Kernels
    from .jupyter.evaluation import Evaluation as Evaluation
    from .latex import LatexResult as LatexResult
    from .listing import DirectoryListing as DirectoryListing
    from .many.map import OnError as OnError
    from .many.outcomes import Outcome as Outcome
    from .many.outcomes import Outcomes as Outcomes
    from .methods.cart import Cart as Cart
    from .methods.courses.course import Course as Course
    from .methods.keys import Keys as Keys
    from .methods.pages import PurchasePages as PurchasePages
    from .methods.project import Project as Project
    from .money.cart import CartItem as CartItem
    from .money.cart import CartItems as CartItems
    from .money.cart import Checkout as Checkout
    from .money.licenses import Licenses as Licenses
    from .money.purchases import Purchase as Purchase
    from .money.purchases import PurchaseQuery as PurchaseQuery
    from .money.purchases import Purchases as Purchases
    from .people.accounts import AccountRow as AccountRow
    from .people.accounts import Accounts as Accounts
    from .people.accounts import Collaborators as Collaborators
    from .people.accounts import ProjectRows as ProjectRows
    from .projects import ProjectState as ProjectState
    from .projects import WantedState as WantedState
    from .query import QueryRows as QueryRows
    from .run import Stream as Stream
    from .tables import TableName as TableName
    from .values.commands import CompletedCommand as CompletedCommand
    from .values.routes import RouteDescription as RouteDescription

_HOMES = {
    "AccountRow": "people.accounts",
    "Accounts": "people.accounts",
    "ApiKey": "account.api_keys",
    "ApiKeys": "account.api_keys",
    "Assignment": "courses.rows",
    "Assignments": "courses.rows",
    "AsyncCart": "async_methods.cart",
    "AsyncCourse": "async_methods.courses.course",
    "AsyncKeys": "async_methods.keys",
    "AsyncProject": "async_methods.project",
    "AsyncPurchasePages": "async_methods.pages",
    "Cart": "methods.cart",
    "CartItem": "money.cart",
    "CartItems": "money.cart",
    "Checkout": "money.cart",
    "Collaborators": "people.accounts",
    "CompletedCommand": "values.commands",
    "Course": "methods.courses.course",
    "CourseContent": "courses.rows",
    "DirectoryListing": "listing",
    "Evaluation": "jupyter.evaluation",
    "Generation": "._calls.learning.learned",
    "Grades": "courses.rows",
    "Handout": "courses.rows",
    "Handouts": "courses.rows",
    "Identity": "account.identity",
    "Kernels": "jupyter.evaluate",
    "Keys": "methods.keys",
    "LatexResult": "latex",
    "Licenses": "money.licenses",
    "Member": "courses.rows",
    "NewApiKey": "account.api_keys",
    "OnError": "many.map",
    "Outcome": "many.outcomes",
    "Outcomes": "many.outcomes",
    "Permission": "account.permission",
    "Project": "methods.project",
    "ProjectRows": "people.accounts",
    "ProjectState": "projects",
    "Purchase": "money.purchases",
    "PurchasePages": "methods.pages",
    "PurchaseQuery": "money.purchases",
    "Purchases": "money.purchases",
    "QueryRows": "query",
    "Refused": "files.results",
    "Report": "._drift.report",
    "RouteDescription": "values.routes",
    "Stream": "run",
    "Student": "courses.rows",
    "Students": "courses.rows",
    "StudentWorks": "courses.rows",
    "TableName": "tables",
    "Transfer": "files.results",
    "WantedState": "projects",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "DataFrame":
        try:
            return import_module("pandas").DataFrame
        except ImportError:
            return Any
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("." + _HOMES[name], __name__), name)
