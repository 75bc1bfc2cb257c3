"""The tables of user-query. `scripts/async_jobs.py` makes the async half from this file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar, overload

from cocalc_facade import _jobs

from .runner import Runner

T = TypeVar("T")


class TableJobs(Runner):
    """The tables of user-query."""

    @overload
    def query(
        self,
        table: _jobs.TableName,
        fields: Sequence[str],
        where: Mapping[str, Any] | None = None,
        *,
        many: Literal[False] = False,
        check: bool = True,
    ) -> dict[str, Any] | None: ...
    @overload
    def query(
        self,
        table: _jobs.TableName,
        fields: Sequence[str],
        where: Mapping[str, Any] | None = None,
        *,
        many: Literal[True],
        check: bool = True,
    ) -> _jobs.QueryRows: ...
    @overload
    def query(
        self,
        table: str,
        fields: Sequence[str],
        where: Mapping[str, Any] | None = None,
        *,
        many: Literal[False] = False,
        check: bool,
    ) -> dict[str, Any] | None: ...
    @overload
    def query(
        self,
        table: str,
        fields: Sequence[str],
        where: Mapping[str, Any] | None = None,
        *,
        many: Literal[True],
        check: bool,
    ) -> _jobs.QueryRows: ...
    @overload
    def query(
        self,
        table: _jobs.TableName,
        fields: Sequence[str],
        where: Mapping[str, Any] | None = None,
        *,
        many: bool,
        check: bool = True,
    ) -> dict[str, Any] | _jobs.QueryRows | None: ...
    @overload
    def query(
        self,
        table: str,
        fields: Sequence[str],
        where: Mapping[str, Any] | None = None,
        *,
        many: bool,
        check: bool,
    ) -> dict[str, Any] | _jobs.QueryRows | None: ...
    def query(
        self,
        table: str,
        fields: Sequence[str],
        where: Mapping[str, Any] | None = None,
        *,
        many: bool = False,
        check: bool = True,
    ) -> dict[str, Any] | _jobs.QueryRows | None:
        """Read a table: one row as a dictionary (None when there is none), or with `many=True` all rows.

        Calls `user-query` once, and repeats it like any read. Every table has its own scope and limit: `projects`
        gives at most 300 edited in the last 6 weeks, `projects_all` all of them. A result with as many rows as its
        limit has `.cut` set. The route takes no limit and no order: narrow with `where`, and sort the rows. Fields
        without value are None, times are aware datetimes.

        Args:
            table: One of the known tables; an unknown name is refused with the list of those.
            fields: What to read. At least one must not be in `where`, else the server would take it for a write.
            where: Field to value, or to `{operator: value}` with one of `== != < <= > >= LIKE ILIKE IS`, `IS NOT`,
                `NOT LIKE`, `NOT ILIKE`, `ANY MINLEN MAXLEN`. A `timedelta` of Python is relative to now.
            many: Whether to give all rows.
            check: False sends what this version does not know, too.

        Raises:
            InvalidRequestError: an unknown table or field; nothing was sent.
            PermissionDeniedError: a project that the key cannot see; the server does not tell that from none.

        >>> client.query("accounts", ["first_name"])
        {'first_name': 'Uma'}
        >>> rows = client.query("projects", ["project_id", "title"], many=True)
        >>> rows[0]["project_id"] == project_id
        True
        """
        from cocalc_facade._jobs import query

        if many:
            return self._run_flow(query.many(self._session, table, fields, where, known=check))
        return self._run_flow(query.one(self._session, table, fields, where, known=check))

    def update(self, table: _jobs.TableName, values: Mapping[str, Any], *, check: bool = True) -> None:
        """Set fields of one row, which is made when it is not there.

        Calls `user-query` once, and never repeats it. Maps are merged key by key, other values replaced. A field
        cannot be set to null this way: the server would take that for a question, so None is refused. Writing
        `site_license` or `action_request` of a project changes its quotas or restarts it.

        Raises:
            InvalidRequestError: None, an unknown field, one that cannot be written, or a missing key field; nothing
                was sent.
            PermissionDeniedError: the row is not yours to change.

        >>> client.update("accounts", {"first_name": "Uma"})
        """
        from cocalc_facade._jobs import query

        self._run_flow(query.update(self._session, table, values, known=check))
