"""The shopping cart."""

from __future__ import annotations

from typing import Any

import click

from cocalc_facade import InvalidRequestError
from cocalc_facade._jobs.methods.cart import Cart
from cocalc_facade.cli.docstrings import help_of
from cocalc_facade.cli.groups import Command, Group
from cocalc_facade.cli.signatures import job, parameters
from cocalc_facade.cli.terminal import Terminal


@click.pass_obj
def _checkout(terminal: Terminal, at_most: Any) -> None:
    cart = terminal.client.cart
    plan = cart.price()
    if not plan.items:
        raise InvalidRequestError("nothing to buy: no checked item is in the cart; nothing was bought")
    terminal.confirm(
        f"buys {len(plan.items)} for {plan.total:.2f} USD from the balance of {plan.balance:.2f} USD"
    )
    terminal.show(cart.checkout(confirm=True, at_most=plan.total if at_most is None else at_most))


cart: Group = Group(
    "cart",
    help="The shopping cart of the account. Only checkout spends money.",
    commands=[
        job(Cart.items, through="cart", example="cart items"),
        job(Cart.price, through="cart", example="cart price --json"),
        job(Cart.add_license, through="cart", example="cart add-license --user academic --run-limit 30"),
        job(
            Cart.check,
            through="cart",
            example="cart check 7 --no-checked",
            words={"checked": "Whether it is ticked then."},
        ),
        job(Cart.save_for_later, through="cart", example="cart save-for-later 7"),
        job(
            Cart.delete, through="cart", example="cart delete 7 --yes", confirm="deletes an item of the cart"
        ),
        job(Cart.recent, through="cart", example="cart recent '1 month'"),
        Command(
            name="checkout",
            callback=_checkout,
            params=parameters(Cart.checkout),
            help=help_of(Cart.checkout, "The price is shown and asked for first; more is not spent."),
            example="cocalc-facade cart checkout --at-most 50 --yes",
        ),
    ],
)
