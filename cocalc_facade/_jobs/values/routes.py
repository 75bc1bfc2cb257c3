"""What the client knows of a route without asking the server, for people, command lines and programs that choose routes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from cocalc_v2.operations import Auth, FieldKind

from cocalc_facade._calls.guarding.changing import change_of_route
from cocalc_facade._calls.routes import Routes, clean_path
from cocalc_facade._calls.values.naming import meant
from cocalc_facade._drift.names import method_name
from cocalc_facade._errors import InvalidRequestError
from cocalc_facade._json.records import Record


@attrs.frozen
class RouteArgument(Record):
    """An argument of a route: its `name` on the wire and in `python`, the `kind` of its value.

    Kinds are `uuid`, `string`, `integer`, `number`, `boolean`, `array`, `object`, `any`, and the times `time-iso`, `time-epoch-ms`, `time-epoch-s`.
    """

    name: str
    python: str
    kind: FieldKind
    required: bool
    may_be_null: bool


@attrs.frozen
class RouteDescription(Record):
    """What is known of a route.

    `python` is the typed method. `auth` says who may call: `none`, `optional`, `account`, `account-or-project`, `project`, `admin`, `admin-or-partner`;
    `capability` what a key needs on servers of the newer generation, where `newer_servers` says whether they have it. `changes` completes "it …" and is
    None for a route that only reads; with the arguments of `reads_when` (None: not given; `query`: a query that reads) the others do so too.
    `repeatable`: a second call does no more than one. `confirm` says why `confirm=True` is needed, `fails` why it always fails, `timeout` how many
    seconds it may take.
    """

    path: str
    python: str
    summary: str
    text: str
    arguments: tuple[RouteArgument, ...]
    auth: Auth
    changes: str | None
    reads_when: Mapping[str, Any] | str | None
    repeatable: bool
    charges: bool
    confirm: str | None
    fails: str | None
    deprecated: str | None
    timeout: float | None
    rate_limit: Mapping[str, int] | None
    pagination: Mapping[str, Any] | None
    published: bool
    newer_servers: bool | None
    capability: tuple[str, ...] | None
    instead: str | None

    @property
    def reads(self) -> bool:
        """Whether the route only reads, whatever its arguments."""
        return self.changes is None

    @property
    def required(self) -> tuple[RouteArgument, ...]:
        """The arguments that must be given."""
        return tuple(argument for argument in self.arguments if argument.required)


def routes(prefix: str = "") -> tuple[str, ...]:
    """Give the paths of all routes that are known, or of those that begin so."""
    from cocalc_v2.operations import OPERATIONS

    return tuple(path for path in OPERATIONS if path.startswith(prefix))


def describe(path: str) -> RouteDescription:
    """Give what is known of a route; raises InvalidRequestError with a suggestion when it is not known."""
    from importlib import import_module

    from cocalc_v2.operations import OPERATIONS

    clean = clean_path(path)
    if clean not in OPERATIONS:
        raise InvalidRequestError(
            f"the route {clean[:80]!r} is not known", field="path", hint=_suggestion(clean)
        )
    found = OPERATIONS[clean]
    text = (import_module(found.module).__doc__ or "").strip()
    return RouteDescription(
        path=clean,
        python=method_name(clean),
        summary=text.partition("\n")[0],
        text=text,
        arguments=tuple(
            RouteArgument(field.wire, field.python, field.kind, field.required, field.null)
            for field in sorted(found.fields, key=lambda field: not field.required)
        ),
        auth=found.auth,
        changes=change_of_route(Routes()[clean]),
        reads_when=found.reads_when,
        repeatable=found.idempotent,
        charges=found.charges,
        confirm=found.confirm,
        fails=found.fails,
        deprecated=found.deprecated,
        timeout=found.timeout,
        rate_limit=found.rate_limit,
        pagination=found.pagination,
        published=found.published,
        newer_servers=found.newer_servers,
        capability=found.capability,
        instead=found.instead,
    )


def _suggestion(path: str) -> str:
    return meant(path, routes(), "client.routes() lists those that are")
