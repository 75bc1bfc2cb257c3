"""The shopping cart, as `client.cart` gives it. Made by scripts/async_jobs.py from methods/cart.py."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from cocalc_v2.types import Offering

from cocalc_facade import _jobs

from .runner import AsyncRunner


class AsyncCart(Offering):
    """The shopping cart of the account. Only `checkout(confirm=True)` spends money."""

    def __init__(self, runner: AsyncRunner) -> None:
        self._runner = runner

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    async def add_license(
        self,
        *,
        user: Literal["academic", "business"],
        run_limit: int = 1,
        cpu: int = 1,
        ram: int = 4,
        disk: int = 3,
        member: bool = True,
        uptime: Literal["short", "medium", "day", "always_running"] = "short",
        period: Literal["monthly", "yearly", "range"] = "monthly",
        start: datetime | None = None,
        end: datetime | None = None,
        boost: bool = False,
        dedicated_cpu: int = 0,
        dedicated_ram: int = 0,
        title: str | None = None,
        description: str | None = None,
        source: Literal["site-license", "course"] = "site-license",
        project_id: str | UUID | None = None,
    ) -> _jobs.CartItem:
        """Put a licence into the cart, and give the item. Costs nothing yet.

        Calls `shopping/cart/add`, never repeated, and `shopping/cart/get`. The server takes any description, and a bad
        one breaks the cart; so nonsense is refused here. At most 3 a second and 15 a minute.

        Args:
            user: Who it is for; decides on the price.
            run_limit: For how many projects at a time.
            cpu: Shared cores for each.
            ram: Shared memory for each, in GB.
            disk: Disk for each, in GB.
            member: On member hosts.
            uptime: How long an idle project goes on: 30 minutes, 2 hours, a day, always.
            period: A subscription, or `"range"` with `start` and `end`.
            start: Begin of a range, an aware datetime.
            end: End of a range.
            boost: On top of other licences.
            dedicated_cpu: Dedicated cores for each.
            dedicated_ram: Dedicated memory for each, in GB.
            title: A name for the licence.
            description: More words.
            source: Whether it is for a course.
            project_id: Apply it to this project once it is bought.

        Raises:
            InvalidRequestError: an argument makes no sense; it is named, and nothing was sent.

        >>> item = await client.cart.add_license(user="academic", run_limit=2)
        >>> item.product, item.checked
        ('site-license', True)
        """
        from cocalc_facade._jobs.money import cart

        wanted = cart.license_description(
            user=user,
            run_limit=run_limit,
            cpu=cpu,
            ram=ram,
            disk=disk,
            member=member,
            uptime=uptime,
            period=period,
            start=start,
            end=end,
            boost=boost,
            dedicated_cpu=dedicated_cpu,
            dedicated_ram=dedicated_ram,
            title=title,
            description=description,
            source=source,
        )
        return await self._runner._run_flow(cart.add(self._runner._session, wanted, project_id))

    async def items(self) -> _jobs.CartItems:
        """Give what is in the cart, without prices. Calls `shopping/cart/get`."""
        from cocalc_facade._jobs.money import cart

        return await self._runner._run_flow(cart.items(self._runner._session))

    async def price(self) -> _jobs.Checkout:
        """Give what a checkout would buy and cost now. Buys nothing. Calls `purchases/get-shopping-cart-checkout-params`."""
        from cocalc_facade._jobs.money import cart

        return await self._runner._run_flow(cart.plan(self._runner._session))

    async def check(self, item_id: int, checked: bool = True) -> None:
        """Tick or untick an item: only ticked ones are bought. Calls `shopping/cart/checked`; NotFoundError for an unknown id."""
        from cocalc_facade._jobs.money import cart

        await self._runner._run_flow(
            cart.change(self._runner._session, "shopping/cart/checked", item_id, checked=checked)
        )

    async def save_for_later(self, item_id: int) -> None:
        """Take an item out of the cart and keep it for later. Calls `shopping/cart/remove`; NotFoundError for an unknown id."""
        from cocalc_facade._jobs.money import cart

        await self._runner._run_flow(cart.change(self._runner._session, "shopping/cart/remove", item_id))

    async def delete(self, item_id: int) -> None:
        """Delete an item for good. Calls `shopping/cart/delete`; NotFoundError for an unknown id."""
        from cocalc_facade._jobs.money import cart

        await self._runner._run_flow(cart.change(self._runner._session, "shopping/cart/delete", item_id))

    async def recent(self, interval: str = "1 week") -> _jobs.CartItems:
        """Give what was bought lately, within a PostgreSQL interval. Calls `shopping/cart/recent-purchases`."""
        from cocalc_facade._jobs.money import cart

        return await self._runner._run_flow(cart.recent(self._runner._session, interval))

    async def checkout(
        self, *, confirm: bool = False, at_most: float | Decimal | None = None
    ) -> _jobs.Checkout:
        """Buy the ticked items from the balance, if `confirm` is True; otherwise buy nothing and give what would be bought.

        Calls `purchases/get-shopping-cart-checkout-params`, and with `confirm=True` `purchases/shopping-cart-checkout`, once:
        a purchase is never repeated. When its answer is lost, the error says that it may have happened.

        Args:
            confirm: Spend the money.
            at_most: Refuse when the sum is above this many US dollars; a `Decimal` is compared exactly.

        Raises:
            InvalidRequestError: the cart has no ticked item, or costs more than `at_most`; nothing was bought.
            APIError: the server refused, such as for a lack of money.
            TransportError: no answer; `.maybe_executed` says whether it may have happened.

        >>> plan = await client.cart.checkout()
        >>> plan.bought
        False
        """
        from cocalc_facade._jobs.money import cart

        return await self._runner._run_flow(
            cart.checkout(self._runner._session, confirm=confirm, at_most=at_most)
        )
