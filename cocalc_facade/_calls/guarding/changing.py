"""Whether a request changes something, by the table of routes and, where a route does both, by the request itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cocalc_facade._wire.hosts import BRIDGE

if TYPE_CHECKING:
    from cocalc_facade._calls.routes import Route

UNKNOWN = "goes to a route that the table does not have, and may change something"
UNTOLD = "may change something"

READABLE = frozenset(
    {
        "account_profiles", "accounts", "all_public_paths", "cloud_filesystems", "collaborators", "collaborators_one_project", "compute_images",
        "compute_servers", "compute_servers_by_course", "crm_accounts", "file_use", "listings", "manager_site_licenses", "mentions", "messages", "news",
        "project_avatar_images", "project_datastore", "project_invite_tokens", "project_log", "project_log_all", "projects", "projects_all",
        "public_paths", "public_paths_by_id", "public_projects", "purchase_quotas", "purchases", "sent_messages", "site_license_public_info",
        "statements", "stats", "subscriptions", "system_notifications", "vouchers",
    }
)  # fmt: skip
"""Tables whose reading only reads: the documented ones, and those that jobs of ours read. That of `create_message` inserts a row."""

BRIDGE_READS = frozenset(
    {
        "projects.getProjectAddress",
        "projects.getProjectCreated",
        "projects.getProjectRunQuota",
        "projects.getProjectState",
        "system.getNames",
        "system.ping",
    }
)


def change(route: Route, body: bytes) -> str | None:
    """Say what a request changes or may change, in words that complete "it …"; None when it only reads."""
    operation = route.operation
    if operation is None:
        if route.path == BRIDGE and _arguments(body).get("name") in BRIDGE_READS:
            return None
        return UNKNOWN
    words = change_of_route(route)
    if words is None or operation.reads_when is None:
        return words
    arguments = _arguments(body)
    if operation.reads_when == "query":
        return None if only_reads(arguments.get("query")) else words
    wanted: Mapping[str, Any] = operation.reads_when  # type: ignore[assignment]
    return None if all(arguments.get(name) == value for name, value in wanted.items()) else words


def change_of_route(route: Route) -> str | None:
    """Say what calls of a route change, whatever their arguments; None when all of them only read."""
    operation = route.operation
    if operation is None:
        return UNKNOWN
    return operation.changes or (UNTOLD if operation.mutates else None)


def only_reads(query: Any) -> bool:
    """Tell whether a user-query is a read: to the server it is when any of its values is null, however deep."""
    queries = query if isinstance(query, list) else [query]
    return bool(queries) and all(map(_reads, queries))


def _reads(query: Any) -> bool:
    if not isinstance(query, dict) or len(query) != 1:
        return False
    ((table, asked),) = query.items()
    return table in READABLE and _has_null(asked)


def _has_null(value: Any) -> bool:
    pending = [value]
    while pending:
        found = pending.pop()
        if found is None:
            return True
        if isinstance(found, dict):
            pending += found.values()
        elif isinstance(found, list):
            pending += found
    return False


def _arguments(body: bytes) -> dict[str, Any]:
    found = json.loads(body)
    return found if isinstance(found, dict) else {}
