"""What the key may, its account, other accounts and their projects. Made by scripts/async_jobs.py from methods/account.py."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from cocalc_facade import _jobs
from cocalc_facade._calls.options import gives_a_handle, one_of_few

from .runner import AsyncRunner

T = TypeVar("T")


class AsyncAccountJobs(AsyncRunner):
    """What the key may, its account, other accounts and their projects."""

    @one_of_few
    async def generation(self) -> _jobs.Generation:
        """Which generation the server is of: `cocalc`, or `ai` for the rewrite cocalc-ai.

        It is asked once, by `customize`, which needs no key and changes nothing, and then remembered by the client and its views.

        >>> await client.generation
        'cocalc'
        """
        from cocalc_facade._calls.generations import asking

        return await self._run_flow(asking.generation(self._session))

    async def can(self, route: str, project_id: str | UUID | None = None) -> _jobs.Permission:
        """Give whether the key may call a route of this server: `yes`, `no` or `unknown`, with the reason.

        Known from the table of the server's generation, the kind of the key, whether the server takes it, and what calls of this client
        were refused or granted. A server of the newer generation tells what a key may only by refusing, so that much stays unknown.
        Calls `customize`, and `user-query` or the bridge's `system.ping`, each once; nothing is changed.

        Args:
            route: For example "projects/start".
            project_id: The project that it is about, where a key may be limited to some.

        >>> permission = await client.can("projects/start")
        >>> permission.verdict
        'yes'
        """
        from cocalc_facade._jobs.account import permission

        return await self._run_flow(permission.can(self._session, route, project_id))

    async def email_of(self, account_id: str | UUID) -> str | None:
        """Give the email address of an account, or None for an account that has none.

        For admins and partners only. Calls `accounts/get-email-address`, and `accounts/get-names` when its answer is
        empty, to tell an account without address from one that does not exist.

        Raises:
            PermissionDeniedError: the key is neither an admin's nor a partner's.
            NotFoundError: there is no such account, or it was deleted.

        >>> await admin.email_of(account_id)
        'user@example.com'
        """
        from cocalc_facade._jobs.account import emails

        return await self._run_flow(emails.email_of(self._session, account_id))

    @property
    def keys(self) -> _jobs.AsyncKeys:
        """The API keys of the account or a project: `create`, `list`, `rotate`, `delete`. Nothing is sent by this. `client.api_keys` is the bare route."""
        from .keys import AsyncKeys

        return AsyncKeys(self)

    @gives_a_handle
    async def find_project(self, *, title: str) -> _jobs.AsyncProject:
        """Give the one project of the account that has this title, whenever it was edited and also when it is hidden.

        Calls `user-query`; on a server of the newer generation `projects/get`, which gives the 500 that were edited last.

        Args:
            title: The whole title, in every letter.

        Raises:
            NotFoundError: no project has it; deleted ones do not count.
            ConflictError: several have it; the text has their ids.

        >>> found = await client.find_project(title="Measured project")
        >>> found.project_id == project_id
        True
        """
        from cocalc_facade._jobs.people import finding

        from .project import AsyncProject

        found = await self._run_flow(finding.find(self._session, title))
        return AsyncProject(self, found)

    @gives_a_handle
    async def ensure_project(self, *, title: str, description: str = "") -> _jobs.AsyncProject:
        """Give the project of the account that has this title; it is made when there is none.

        Calling it again gives the same project. When two do it at the same time, each looks again after making one, the first one stays, and whoever made a
        later one deletes that, which is empty. Not promised, since the server knows no unique titles: when the server notes the time of making
        late, two may go on with one each; `find_project` then raises ConflictError. Different accounts do not see each other's projects.

        Calls `user-query`, and when there is none `projects/create`; `projects/delete` for what it made too much.

        Args:
            title: The whole title.
            description: For one that is made.

        Raises:
            ConflictError: several have the title already.
            TransportError: the answer to the making was lost, and no project of the title was there a moment later; calling it again does no harm.

        >>> results = await client.ensure_project(title="Results")
        >>> again = await client.ensure_project(title="Results")
        >>> results.project_id == again.project_id
        True
        """
        from cocalc_facade._jobs.people import finding

        from .project import AsyncProject

        found = await self._run_flow(finding.ensure(self._session, title, description))
        return AsyncProject(self, found)

    async def find_account(self, *, email: str) -> _jobs.AccountRow:
        """Give the account that has this e-mail address. Calls `accounts/search`, which servers of the newer generation do not have.

        Raises:
            NotFoundError: no account has it.

        >>> found = await client.find_account(email="user@example.com")
        >>> found.account_id == account_id
        True
        """
        from cocalc_facade._jobs.people import accounts

        return await self._run_flow(accounts.find_account(self._session, email))

    async def list_accounts(self, *, banned: bool | None = None) -> _jobs.Accounts:
        """Give the accounts of the whole site, for administrators: at most 100,000, which is the server's limit.

        Calls `user-query` on the table `crm_accounts`.

        Args:
            banned: True gives only those that are banned, False only the others.

        Raises:
            PermissionDeniedError: the key is no administrator's.

        >>> accounts = await admin.list_accounts(banned=True)
        >>> len(accounts)
        0
        """
        from cocalc_facade._jobs.people import accounts

        return await self._run_flow(accounts.accounts(self._session, banned=banned))

    async def projects_of(self, account_id: str | UUID | None = None) -> _jobs.ProjectRows:
        """Give the projects of the key's account with their states and quotas, or for administrators those of any account.

        One's own are all, deleted and hidden ones too, in one call of `user-query`. For another account `projects/get` lists them, without deleted and hidden ones,
        and each is asked for its row. Quotas are set by `client.projects.set_admin_quotas`.

        Args:
            account_id: Whose; None is the key's own account.

        Raises:
            PermissionDeniedError: another account's, and the key is no administrator's.

        >>> rows = await client.projects_of()
        >>> "My First Project" in [row.title for row in rows]
        True
        """
        from cocalc_facade._jobs.people import accounts

        return await self._run_flow(accounts.projects_of(self._session, account_id))
