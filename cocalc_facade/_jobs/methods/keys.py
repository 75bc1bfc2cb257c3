"""The API keys, as `client.keys` gives them. `scripts/async_jobs.py` makes the async half from this file."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from cocalc_v2.types import Offering

from cocalc_facade import _jobs

from .runner import Runner


class Keys(Offering):
    """API keys of the account, or with `project_id` of a project. A key of the account is needed; a project key is refused."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def create(
        self, name: str, *, expires: datetime | timedelta | None = None, project_id: str | UUID | None = None
    ) -> _jobs.NewApiKey:
        """Create a key, and give it with its secret, which the server shows this once: keep `key.secret.reveal()`.

        Calls `api-keys`, never repeated.

        Args:
            name: A label, at most 128 characters.
            expires: An aware datetime, or a timedelta from now; without it the key does not expire.
            project_id: Make a key that works for this project only.

        Raises:
            InvalidRequestError: a blank name, or an expiry in the past; nothing was sent.
            PermissionDeniedError: not a collaborator on the project.

        >>> key = client.keys.create("for the docs")
        >>> key.secret
        Secret(sk-...000006)
        """
        from cocalc_facade._jobs.account import api_keys

        return self._runner._run_flow(
            api_keys.create(self._runner._session, name, expires=expires, project_id=project_id)
        )

    def list(self, *, project_id: str | UUID | None = None) -> _jobs.ApiKeys:
        """Give the keys, without their secrets. Calls `api-keys`."""
        from cocalc_facade._jobs.account import api_keys

        return self._runner._run_flow(api_keys.everyone(self._runner._session, project_id=project_id))

    def get(self, key_id: int, *, project_id: str | UUID | None = None) -> _jobs.ApiKey:
        """Give one key, without its secret. Calls `api-keys`; raises NotFoundError for an unknown id."""
        from cocalc_facade._jobs.account import api_keys

        return self._runner._run_flow(api_keys.one(self._runner._session, key_id, project_id=project_id))

    def rotate(
        self,
        key_id: int,
        *,
        expires: datetime | timedelta | None = None,
        project_id: str | UUID | None = None,
    ) -> _jobs.NewApiKey:
        """Replace a key by a new one of the same name, and give the new one with its secret.

        Calls `api-keys` three times: the new key is made before the old one is deleted. The old one goes on working for
        about 15 seconds. When the deletion fails, the new key is deleted again and the error raised.

        Args:
            key_id: The key to replace; it may be the one that this client uses.
            expires: As for `create`; by default the expiry of the old key.
            project_id: For a key of a project.

        Raises:
            NotFoundError: there is no such key.
        """
        from cocalc_facade._jobs.account import api_keys

        return self._runner._run_flow(
            api_keys.rotate(self._runner._session, key_id, expires=expires, project_id=project_id)
        )

    def delete(self, key_id: int, *, project_id: str | UUID | None = None) -> None:
        """Delete a key. It goes on working for about 15 seconds.

        Calls `api-keys` twice, since the server answers the same for a key that does not exist.

        Raises:
            NotFoundError: there is no such key.
        """
        from cocalc_facade._jobs.account import api_keys

        self._runner._run_flow(api_keys.delete(self._runner._session, key_id, project_id=project_id))
