"""Purchases page by page, as `client.iter_purchases` gives them. `scripts/async_jobs.py` makes the async half from this file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic

from cocalc_v2.types import Offering, Unread

from cocalc_facade import _jobs
from cocalc_facade._jobs.money.amounts import M

from .runner import Runner


class PurchasePages(Unread, Offering, Generic[M]):
    """Purchases that are read page after page while iterating. Every iteration begins anew."""

    def __init__(self, runner: Runner, wanted: _jobs.PurchaseQuery) -> None:
        self._runner = runner
        self._wanted = wanted

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._wanted.arguments}>"

    def __iter__(self) -> Iterator[_jobs.Purchase[M]]:
        from cocalc_facade._jobs.money import purchases

        return self._runner._iterate(purchases.emit(self._runner._session, self._wanted))

    def all(self) -> _jobs.Purchases[M]:
        """Read all pages, and give the purchases with their sum and the balance of the account."""
        from cocalc_facade._jobs.money import purchases

        return self._runner._run_flow(purchases.collect(self._runner._session, self._wanted))

    @property
    def total(self) -> M:
        """The sum of all amounts in US dollars; reads all pages."""
        purchases = self.all()
        return purchases.total

    def to_dataframe(self) -> _jobs.DataFrame:
        """Give all purchases as a pandas data frame; reads all pages. Raises ImportError when pandas is not installed."""
        purchases = self.all()
        return purchases.to_dataframe()
