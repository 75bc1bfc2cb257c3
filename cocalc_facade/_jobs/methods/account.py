"""What the key may, keys and addresses. `scripts/async_jobs.py` makes the async half from this file."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from cocalc_facade import _jobs

from .runner import Runner

T = TypeVar("T")


class AccountJobs(Runner):
    """What the key may, keys and addresses."""

    @property
    def generation(self) -> _jobs.Generation:
        """Which generation the server is of: `cocalc`, or `ai` for the rewrite cocalc-ai.

        It is asked once, by `customize`, which needs no key and changes nothing, and then remembered by the client and its views.

        >>> client.generation
        'cocalc'
        """
        from cocalc_facade._calls.generations import asking

        return self._run_flow(asking.generation(self._session))

    def can(self, route: str, project_id: str | UUID | None = None) -> _jobs.Permission:
        """Give whether the key may call a route of this server: `yes`, `no` or `unknown`, with the reason.

        Known from the table of the server's generation, the kind of the key, whether the server takes it, and what calls of this client
        were refused or granted. A server of the newer generation tells what a key may only by refusing, so that much stays unknown.
        Calls `customize`, and `user-query` or the bridge's `system.ping`, each once; nothing is changed.

        Args:
            route: For example "projects/start".
            project_id: The project that it is about, where a key may be limited to some.

        >>> permission = client.can("projects/start")
        >>> permission.verdict
        'yes'
        """
        from cocalc_facade._jobs.account import permission

        return self._run_flow(permission.can(self._session, route, project_id))

    def email_of(self, account_id: str | UUID) -> str | None:
        """Give the email address of an account, or None for an account that has none.

        For admins and partners only. Calls `accounts/get-email-address`, and `accounts/get-names` when its answer is
        empty, to tell an account without address from one that does not exist.

        Raises:
            PermissionDeniedError: the key is neither an admin's nor a partner's.
            NotFoundError: there is no such account, or it was deleted.

        >>> admin.email_of(account_id)
        'user@example.com'
        """
        from cocalc_facade._jobs.account import emails

        return self._run_flow(emails.email_of(self._session, account_id))

    @property
    def keys(self) -> _jobs.Keys:
        """The API keys of the account or a project: `create`, `list`, `rotate`, `delete`. Nothing is sent by this. `client.api_keys` is the bare route."""
        from .keys import Keys

        return Keys(self)
