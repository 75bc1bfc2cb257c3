"""Keys and addresses. Made by scripts/async_jobs.py from methods/account.py."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from cocalc_facade import _jobs

from .runner import AsyncRunner

T = TypeVar("T")


class AsyncAccountJobs(AsyncRunner):
    """Keys and addresses."""

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
        """The API keys of the account or a project: `create`, `list`, `rotate`, `delete`. Nothing is sent by this."""
        from .keys import AsyncKeys

        return AsyncKeys(self)
