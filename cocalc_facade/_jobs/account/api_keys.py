"""API keys of an account or a project: the secret is shown once, keys are replaced without a gap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs

from cocalc_facade._calls.engine import call
from cocalc_facade._errors import CoCalcError, NotFoundError, UnexpectedResponse
from cocalc_facade._jobs.values.checks import identifier, instant, parsed_time, plain_text, refuse, whole
from cocalc_facade._jobs.values.rows import Row, Rows
from cocalc_facade._jobs.values.secret import Secret
from cocalc_facade._jobs.values.shapes import an_object, integer, objects, text

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

LONGEST_NAME = 128


@attrs.frozen(repr=False)
class ApiKey(Row):
    """One API key. `secret` is there only right after it was created; `shortened` is what the server shows later."""

    id: int
    name: str | None
    shortened: str
    created: datetime | None = None
    expires: datetime | None = None
    last_active: datetime | None = None
    project_id: str | None = None
    secret: Secret | None = None


@attrs.frozen(repr=False)
class NewApiKey(ApiKey):
    """An API key that was created just now, with its secret."""

    secret: Secret = attrs.field(kw_only=True)


@attrs.frozen(repr=False)
class ApiKeys(Rows[ApiKey]):
    """The API keys of an account, or of a project."""

    def to_records(self) -> list[dict[str, Any]]:
        """Give the keys as plain dictionaries, without secrets."""
        return [attrs.asdict(key, filter=attrs.filters.exclude("secret")) for key in self.rows]

    def _names(self) -> list[str]:
        return [name for name in super()._names() if name != "secret"]


def create(
    session: Session,
    name: object,
    *,
    expires: datetime | timedelta | None = None,
    project_id: object | None = None,
) -> Flow[NewApiKey]:
    """Create a key and give it with its secret."""
    request: dict[str, Any] = {"action": "create", "name": plain_text(name, "name", LONGEST_NAME)}
    project = _project(request, project_id)
    if expires is not None:
        request["expire"] = _expiry(expires)
    answer = yield from call(session, "api-keys", request)
    found = [_key(row, project) for row in _rows(answer)]
    if session.plan is not None:
        return _new(attrs.evolve(found[0], name=request["name"], secret=Secret("")))
    if not found or found[0].secret is None:
        raise UnexpectedResponse(
            "the answer holds no secret; the key may exist all the same", path="api-keys", maybe_executed=True
        )
    return _new(found[0])


def _new(key: ApiKey) -> NewApiKey:
    return NewApiKey(**attrs.asdict(key, recurse=False))


def everyone(session: Session, *, project_id: object | None = None) -> Flow[ApiKeys]:
    """Give the keys of the account, or of one project."""
    request: dict[str, Any] = {"action": "get"}
    project = _project(request, project_id)
    answer = yield from call(session, "api-keys", request, repeatable=True)
    return ApiKeys(tuple(_key(row, project) for row in _rows(answer)))


def one(session: Session, key_id: object, *, project_id: object | None = None) -> Flow[ApiKey]:
    """Give one key; raises NotFoundError where the server answers null."""
    request: dict[str, Any] = {"action": "get", "id": whole(key_id, "id")}
    project = _project(request, project_id)
    answer = yield from call(session, "api-keys", request, repeatable=True)
    found = [_key(row, project) for row in _rows(answer)]
    if not found:
        raise NotFoundError(f"no API key with id {key_id}", path="api-keys")
    return found[0]


def delete(session: Session, key_id: object, *, project_id: object | None = None) -> Flow[None]:
    """Delete a key that exists; the server answers the same for one that does not, so it is looked up first."""
    yield from one(session, key_id, project_id=project_id)
    yield from _delete(session, key_id, project_id)


def rotate(
    session: Session,
    key_id: object,
    *,
    expires: datetime | timedelta | None = None,
    project_id: object | None = None,
) -> Flow[NewApiKey]:
    """Create a key like the old one, delete the old one, and give the new one; if that fails the new one goes again."""
    old = yield from one(session, key_id, project_id=project_id)
    if expires is None and old.expires is not None:
        if old.expires <= datetime.now(UTC):
            raise refuse(
                "expires", "the old key has expired: say when the new one shall", "expires=timedelta(days=90)"
            )
        expires = old.expires
    new = yield from create(session, old.name or f"key {old.id}", expires=expires, project_id=project_id)
    try:
        yield from _delete(session, key_id, project_id)
    except BaseException as error:
        left = f"the new key {new.id} was created, and must be deleted: its secret was not delivered"
        if isinstance(error, CoCalcError):
            try:
                yield from _delete(session, new.id, project_id)
                left = f"the new key was deleted again; key {old.id} is as it was, or gone"
            except CoCalcError:
                pass
        error.add_note(left)
        raise
    return new


def _delete(session: Session, key_id: object, project_id: object | None) -> Flow[None]:
    request: dict[str, Any] = {"action": "delete", "id": key_id}
    _project(request, project_id)
    yield from call(session, "api-keys", request, repeatable=True)


def _project(request: dict[str, Any], project_id: object | None) -> str | None:
    if project_id is None:
        return None
    request["project_id"] = identifier(project_id)
    return str(request["project_id"])


def _expiry(expires: object) -> str:
    moment = datetime.now(UTC) + expires if isinstance(expires, timedelta) else expires
    text = instant(moment, "expires")
    if isinstance(moment, datetime) and moment <= datetime.now(UTC):
        raise refuse("expires", f"{text} is in the past")
    return text


def _rows(answer: Any) -> list[dict[str, Any]]:
    rows = objects(an_object(answer, "api-keys").get("response"), "api-keys")
    return [row for row in rows if integer(row.get("id")) is not None]


def _key(row: dict[str, Any], project: str | None) -> ApiKey:
    shortened = text(row.get("trunc")) or ""
    secret = row.get("secret")
    return ApiKey(
        row["id"],
        text(row.get("name")),
        shortened,
        parsed_time(row.get("created")),
        parsed_time(row.get("expire")),
        parsed_time(row.get("last_active")),
        project,
        Secret(secret, shortened) if isinstance(secret, str) else None,
    )
