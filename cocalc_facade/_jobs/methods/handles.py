"""What the client hands out for jobs with several parts: a project, the cart, the keys, the purchases.

`scripts/async_jobs.py` makes `_async_handles.py` from this file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime, timedelta
    from decimal import Decimal
    from types import TracebackType
    from typing import Literal
    from uuid import UUID

    from pandas import DataFrame  # type: ignore[import-untyped,import-not-found,unused-ignore] # pyright: ignore[reportMissingImports]

    from ._api_keys import ApiKey, ApiKeys
    from ._cart import CartItem, CartItems, Checkout
    from ._commands import CompletedCommand
    from ._jobs import Jobs
    from ._listing import DirectoryListing
    from ._projects import ProjectState
    from ._purchases import Purchase, PurchaseQuery, Purchases
    from ._run import Stream


class Project:
    """One project. Every method raises PermissionDeniedError when the key's account is no collaborator."""

    def __init__(self, client: Jobs, project_id: str, keep_running: bool = False) -> None:
        self.project_id = project_id
        self._client = client
        self._keep_running = keep_running
        self._started_here = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.project_id}>"

    def __enter__(self) -> Project:
        before = self.state()
        self.start()
        self._started_here = not before.running
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._started_here and not self._keep_running:
            self.stop()

    def state(self) -> ProjectState:
        """Give the state that the database has of the project. Calls `user-query`."""
        from . import _projects

        return self._client._run_flow(_projects.state(self._client._session, self.project_id))

    def start(self, *, timeout: float = 300.0) -> ProjectState:
        """Start the project and return when it runs. As `wait_for_project(…, "running")`."""
        return self._client.wait_for_project(self.project_id, "running", timeout=timeout)

    def stop(self, *, timeout: float = 300.0) -> ProjectState:
        """Stop the project and return when it is at rest. As `wait_for_project(…, "stopped")`."""
        return self._client.wait_for_project(self.project_id, "stopped", timeout=timeout)

    def run(
        self,
        command: str | Sequence[str],
        *,
        timeout: float = 30.0,
        cwd: str = "",
        env: Mapping[str, str] | None = None,
        check: bool = False,
        max_output: int = 100_000,
        stream: Stream | None = None,
        stream_stderr: Stream | None = None,
    ) -> CompletedCommand:
        """Run a command in the project, and give its exit code and output. As `client.run`."""
        return self._client.run(
            self.project_id,
            command,
            timeout=timeout,
            cwd=cwd,
            env=env,
            check=check,
            max_output=max_output,
            stream=stream,
            stream_stderr=stream_stderr,
        )

    def files(self, path: str = "", *, live: bool = True) -> DirectoryListing:
        """Give what is in a directory, by default as it is now. As `client.list_directory`."""
        return self._client.list_directory(self.project_id, path, live=live)

    def walk(self, path: str = "", *, live: bool = True) -> Iterator[DirectoryListing]:
        """Iterate over the listings of a directory and of all below it. As `client.walk_directory`."""
        return self._client.walk_directory(self.project_id, path, live=live)

    def write_text(self, path: str, content: str) -> None:
        """Write a text file, replacing what is there, and make sure that it holds what was sent.

        Calls `projects/write-text-file`, which answers "ok" to failures too, and `exec` for a checksum of the file.
        The content is limited to a request of 1 MB.

        Raises:
            CommandError: the file does not hold the content, with the reason where the project gives one.
        """
        from . import _projects

        self._client._run_flow(_projects.write_text(self._client._session, self.project_id, path, content))

    def read_text(self, path: str, *, encoding: str = "utf-8", max_size: int = 500_000) -> str:
        """Give the text of a file of at most `max_size` bytes (at most 700,000). Calls `exec`, which takes seconds for the largest.

        Raises:
            NotFoundError: there is no such file.
            InvalidRequestError: it is larger than `max_size`.
            UnicodeDecodeError: it is not text in this encoding; see `read_bytes`.
        """
        data = self.read_bytes(path, max_size=max_size)
        return data.decode(encoding)

    def read_bytes(self, path: str, *, max_size: int = 500_000) -> bytes:
        """Give the bytes of a file of at most `max_size` bytes (at most 700,000). Calls `exec`; errors as `read_text`."""
        from . import _projects

        return self._client._run_flow(
            _projects.read_bytes(self._client._session, self.project_id, path, max_size=max_size)
        )

    def copy_to(
        self,
        target: Project | str | UUID,
        path: str,
        target_path: str | None = None,
        *,
        overwrite_newer: bool = False,
        delete_missing: bool = False,
        backup: bool = False,
        timeout: float = 240.0,
    ) -> None:
        """Copy a file or directory of this project to another one, and return when it is there.

        Calls `projects/copy-path`, and `projects/copy-path-status` when the server queues the copy. The account must be
        a collaborator on both projects.

        Args:
            target: The other project, or this one.
            path: What to copy.
            target_path: Where to; by default the same path.
            overwrite_newer: Overwrite files that are newer there.
            delete_missing: Delete files there that are not here.
            backup: Keep backups of what is overwritten.
            timeout: Seconds to wait.

        Raises:
            CommandError: the copy failed.
        """
        from . import _projects

        options = {"overwrite_newer": overwrite_newer, "delete_missing": delete_missing, "backup": backup}
        self._client._run_flow(
            _projects.copy(
                self._client._session,
                self.project_id,
                path,
                getattr(target, "project_id", target),
                target_path,
                timeout=timeout,
                options=options,
            )
        )


class Cart:
    """The shopping cart of the account. Only `checkout(confirm=True)` spends money."""

    def __init__(self, client: Jobs) -> None:
        self._client = client

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def add_license(
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
    ) -> CartItem:
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

        >>> item = client.cart.add_license(user="academic", run_limit=2)
        >>> item.product, item.checked
        ('site-license', True)
        """
        from . import _cart

        wanted = _cart.license_description(
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
        return self._client._run_flow(_cart.add(self._client._session, wanted, project_id))

    def items(self) -> CartItems:
        """Give what is in the cart, without prices. Calls `shopping/cart/get`."""
        from . import _cart

        return self._client._run_flow(_cart.items(self._client._session))

    def price(self) -> Checkout:
        """Give what a checkout would buy and cost now. Buys nothing. Calls `purchases/get-shopping-cart-checkout-params`."""
        from . import _cart

        return self._client._run_flow(_cart.plan(self._client._session))

    def check(self, item_id: int, checked: bool = True) -> None:
        """Tick or untick an item: only ticked ones are bought. Calls `shopping/cart/checked`; NotFoundError for an unknown id."""
        from . import _cart

        self._client._run_flow(
            _cart.change(self._client._session, "shopping/cart/checked", item_id, checked=checked)
        )

    def save_for_later(self, item_id: int) -> None:
        """Take an item out of the cart and keep it for later. Calls `shopping/cart/remove`; NotFoundError for an unknown id."""
        from . import _cart

        self._client._run_flow(_cart.change(self._client._session, "shopping/cart/remove", item_id))

    def delete(self, item_id: int) -> None:
        """Delete an item for good. Calls `shopping/cart/delete`; NotFoundError for an unknown id."""
        from . import _cart

        self._client._run_flow(_cart.change(self._client._session, "shopping/cart/delete", item_id))

    def recent(self, interval: str = "1 week") -> CartItems:
        """Give what was bought lately, within a PostgreSQL interval. Calls `shopping/cart/recent-purchases`."""
        from . import _cart

        return self._client._run_flow(_cart.recent(self._client._session, interval))

    def checkout(self, *, confirm: bool = False, at_most: float | None = None) -> Checkout:
        """Buy the ticked items from the balance, if `confirm` is True; otherwise buy nothing and give what would be bought.

        Calls `purchases/get-shopping-cart-checkout-params`, and with `confirm=True` `purchases/shopping-cart-checkout`, once:
        a purchase is never repeated. When its answer is lost, the error says that it may have happened.

        Args:
            confirm: Spend the money.
            at_most: Refuse when the sum is above this many US dollars.

        Raises:
            InvalidRequestError: the cart has no ticked item, or costs more than `at_most`; nothing was bought.
            APIError: the server refused, such as for a lack of money.
            TransportError: no answer; `.maybe_executed` says whether it may have happened.

        >>> plan = client.cart.checkout()
        >>> plan.bought
        False
        """
        from . import _cart

        return self._client._run_flow(_cart.checkout(self._client._session, confirm=confirm, at_most=at_most))


class Keys:
    """API keys of the account, or with `project_id` of a project. A key of the account is needed; a project key is refused."""

    def __init__(self, client: Jobs) -> None:
        self._client = client

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def create(
        self, name: str, *, expires: datetime | timedelta | None = None, project_id: str | UUID | None = None
    ) -> ApiKey:
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
        from . import _api_keys

        return self._client._run_flow(
            _api_keys.create(self._client._session, name, expires=expires, project_id=project_id)
        )

    def list(self, *, project_id: str | UUID | None = None) -> ApiKeys:
        """Give the keys, without their secrets. Calls `api-keys`."""
        from . import _api_keys

        return self._client._run_flow(_api_keys.everyone(self._client._session, project_id=project_id))

    def get(self, key_id: int, *, project_id: str | UUID | None = None) -> ApiKey:
        """Give one key, without its secret. Calls `api-keys`; raises NotFoundError for an unknown id."""
        from . import _api_keys

        return self._client._run_flow(_api_keys.one(self._client._session, key_id, project_id=project_id))

    def rotate(
        self,
        key_id: int,
        *,
        expires: datetime | timedelta | None = None,
        project_id: str | UUID | None = None,
    ) -> ApiKey:
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
        from . import _api_keys

        return self._client._run_flow(
            _api_keys.rotate(self._client._session, key_id, expires=expires, project_id=project_id)
        )

    def delete(self, key_id: int, *, project_id: str | UUID | None = None) -> None:
        """Delete a key. It goes on working for about 15 seconds.

        Calls `api-keys` twice, since the server answers the same for a key that does not exist.

        Raises:
            NotFoundError: there is no such key.
        """
        from . import _api_keys

        self._client._run_flow(_api_keys.delete(self._client._session, key_id, project_id=project_id))


class PurchasePages:
    """Purchases that are read page after page while iterating. Every iteration begins anew."""

    def __init__(self, client: Jobs, wanted: PurchaseQuery) -> None:
        self._client = client
        self._wanted = wanted

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._wanted.arguments}>"

    def __iter__(self) -> Iterator[Purchase]:
        from . import _purchases

        return self._client._iterate(_purchases.emit(self._client._session, self._wanted))

    def all(self) -> Purchases:
        """Read all pages, and give the purchases with their sum and the balance of the account."""
        from . import _purchases

        return self._client._run_flow(_purchases.collect(self._client._session, self._wanted))

    @property
    def total(self) -> float | Decimal:
        """The sum of all amounts in US dollars; reads all pages."""
        purchases = self.all()
        return purchases.total

    def to_dataframe(self) -> DataFrame:
        """Give all purchases as a pandas data frame; reads all pages. Raises ImportError when pandas is not installed."""
        purchases = self.all()
        return purchases.to_dataframe()
