"""What was bought, and what can be. `scripts/async_jobs.py` makes the async half from this file."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal, TypeVar, overload
from uuid import UUID

from cocalc_facade import _jobs

from .runner import Runner

T = TypeVar("T")


class MoneyJobs(Runner):
    """What was bought, and what can be."""

    @overload
    def iter_purchases(
        self,
        *,
        since: date | timedelta | None = None,
        until: date | timedelta | None = None,
        service: str | None = None,
        project_id: str | UUID | None = None,
        account_id: str | UUID | None = None,
        group: bool = False,
        decimal: Literal[False] = False,
        page_size: int = 500,
    ) -> _jobs.PurchasePages[float]: ...
    @overload
    def iter_purchases(
        self,
        *,
        since: date | timedelta | None = None,
        until: date | timedelta | None = None,
        service: str | None = None,
        project_id: str | UUID | None = None,
        account_id: str | UUID | None = None,
        group: bool = False,
        decimal: Literal[True],
        page_size: int = 500,
    ) -> _jobs.PurchasePages[Decimal]: ...
    @overload
    def iter_purchases(
        self,
        *,
        since: date | timedelta | None = None,
        until: date | timedelta | None = None,
        service: str | None = None,
        project_id: str | UUID | None = None,
        account_id: str | UUID | None = None,
        group: bool = False,
        decimal: bool,
        page_size: int = 500,
    ) -> _jobs.PurchasePages[Any]: ...
    def iter_purchases(
        self,
        *,
        since: date | timedelta | None = None,
        until: date | timedelta | None = None,
        service: str | None = None,
        project_id: str | UUID | None = None,
        account_id: str | UUID | None = None,
        group: bool = False,
        decimal: bool = False,
        page_size: int = 500,
    ) -> _jobs.PurchasePages[Any]:
        """Iterate over your purchases, newest first; `.total` and `.to_dataframe()` read all of them.

        Calls `purchases/get-purchases` for each 500. The server allows 3 calls a second and 15 a minute; a refusal is
        waited out. Purchases made while reading shift the pages: none is given twice or left out.

        Args:
            since: Only purchases at or after this: an aware datetime, a date (its start in UTC), or a timedelta (how
                long ago: `timedelta(days=30)`).
            until: Only purchases before this, given in the same forms. The server cannot leave out newer ones: they
                are read, and not given.
            service: Only this service, such as `"license"`.
            project_id: Only those of this project.
            account_id: The purchases of this account in place of your own, by `purchases/get-purchases-admin`; for
                administrators.
            group: Sums by service and project in place of single purchases.
            decimal: Money as `Decimal`, in place of `float`.
            page_size: Rows for each call, 2 to 500.

        Raises:
            AuthenticationError: the key is not accepted.
            InvalidRequestError: `since` is not before `until`, `until` with `group`; nothing was sent.
            PermissionDeniedError: `account_id`, and the key is not that of an administrator.
            RateLimitError: the server asks for a wait of more than 90 seconds.

        >>> for purchase in client.iter_purchases():
        ...     service, amount = purchase.service, purchase.amount
        >>> purchases = client.iter_purchases(decimal=True).all()
        >>> purchases.total
        Decimal('-35.50')
        """
        from cocalc_facade._jobs.money import purchases

        from .pages import PurchasePages

        return PurchasePages(
            self,
            purchases.query(since, until, service, project_id, account_id, group, decimal, page_size),
        )

    @property
    def cart(self) -> _jobs.Cart:
        """The shopping cart of the account: `add_license`, `items`, `price`, `checkout`. Nothing is sent by this. `client.shopping.cart` has the bare routes."""
        from .cart import Cart

        return Cart(self)

    def managed_licenses(self) -> _jobs.Licenses:
        """Give the licences that the account manages.

        Calls `licenses/get-managed`. The server answers an empty list to a key that it refuses as well, so an empty
        one is believed only after `user-query` has shown that the key is good.

        Raises:
            AuthenticationError: the key is not accepted, or belongs to a project.

        >>> licenses = client.managed_licenses()
        >>> len(licenses)
        0
        """
        from cocalc_facade._jobs.money import licenses

        return self._run_flow(licenses.managed(self._session))
