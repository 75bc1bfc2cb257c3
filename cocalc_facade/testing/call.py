"""One call of an API route, and the table of the routes that have behaviour of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from .state import Caller, Project, World
from .wire import UNDEFINED, Refusal, Request, dumps

if TYPE_CHECKING:
    from .standin import StandIn

Handler = Callable[["Call"], Any]
ROUTES: dict[str, Handler] = {}
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def route(path: str) -> Callable[[Handler], Handler]:
    """Make a function the handler of a path."""

    def register(function: Handler) -> Handler:
        ROUTES[path] = function
        return function

    return register


def is_uuid(value: object) -> bool:
    """Whether a value is the text of a uuid, in any case of letters."""
    return isinstance(value, str) and UUID.fullmatch(value) is not None


def js_text(value: object) -> str:
    """A value as JavaScript puts it into a text."""
    if value is None:
        return "null"
    if value is UNDEFINED:
        return "undefined"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join("" if item is None else js_text(item) for item in value)
    if isinstance(value, dict):
        return "[object Object]"
    return value if isinstance(value, str) else json.dumps(value)


def sql_text(value: object) -> str:
    """A value as it arrives in a text column of the database."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "{" + ",".join("NULL" if item is None else _sql_element(item) for item in value) + "}"
    return dumps(value) if isinstance(value, dict) else js_text(value)


def _sql_element(item: object) -> str:
    if isinstance(item, list):
        return sql_text(item)
    escaped = sql_text(item).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def sql_integer(value: object, kind: Literal["bigint", "integer"] = "bigint") -> int:
    """A value as it arrives in a parameter that is a whole number; ids are `integer`, limits `bigint`.

    Raises:
        Refusal: PostgreSQL cannot read it.
    """
    text = sql_text(value)
    if not re.fullmatch(r"\s*[-+]?\d+\s*", text):
        raise Refusal(f'invalid input syntax for type {kind}: "{text}"')
    number = int(text) if len(text) < 99 else 2**64
    bound = 2**63 if kind == "bigint" else 2**31
    if not -bound <= number < bound:
        raise Refusal(f'value "{text.strip()}" is out of range for type {kind}')
    return number


def sql_count(value: object, clause: str) -> int:
    """A value as it arrives in a LIMIT or OFFSET.

    Raises:
        Refusal: PostgreSQL cannot read it, or it is negative.
    """
    number = sql_integer(value)
    if number < 0:
        raise Refusal(f"{clause} must not be negative")
    return number


def sql_uuids(value: object) -> list[str]:
    """A value as it arrives in a parameter that is a list of uuids.

    Raises:
        Refusal: PostgreSQL cannot read it.
    """
    if not isinstance(value, list):
        raise Refusal(f'malformed array literal: "{sql_text(value)}"')
    for item in value:
        if not is_uuid(item):
            raise Refusal(f'invalid input syntax for type uuid: "{sql_text(item)}"')
    return [item.lower() for item in value]


@dataclass(slots=True)
class Call:
    """One call: who asks what. The handler adds to `seconds` what the answer takes."""

    standin: StandIn
    path: str
    params: dict[str, Any]
    caller: Caller | None
    request: Request
    seconds: float = 0.0
    headers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def world(self) -> World:
        """All state."""
        return self.standin.world

    def get(self, name: str, default: Any = UNDEFINED) -> Any:
        """A parameter as sent, or undefined."""
        return self.params.get(name, default)

    def account_id(self, refusal: str = "must be signed in") -> str:
        """The id of the caller, who must be signed in."""
        if self.caller is None:
            raise Refusal(refusal)
        return self.caller.account_id

    def is_admin(self) -> bool:
        """Whether the caller is an admin."""
        return bool(self.caller and self.caller.account and self.caller.account.is_admin)

    def throttle(self) -> None:
        """Count this call against the limits of its endpoint."""
        if self.standin.oddities.rate_limits:
            self.world.throttle.check(self.path, self.account_id(), self.world.now())

    def uuid(self, name: str) -> str:
        """A parameter that must be a uuid."""
        value = self.get(name)
        if not is_uuid(value):
            raise Refusal(f"{name} must be a valid uuid")
        return str(value).lower()

    def own_project(self, refusal: str, name: str = "project_id", *, admins: bool = False) -> Project:
        """The project that a parameter names, of which the caller must be a member."""
        project_id = self.uuid(name)
        account_id = self.account_id()
        project = self.world.projects.get(project_id)
        if project is None or not (project.is_member(account_id) or (admins and self.is_admin())):
            raise Refusal(refusal)
        return project
