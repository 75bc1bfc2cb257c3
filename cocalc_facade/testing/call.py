"""One call of an API route: what its handler is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .wire.http import Request
from .wire.javascript import UNDEFINED, is_uuid
from .wire.refusals import Refusal
from .world.site import Site
from .world.state import Caller, Project, World

NO_IDS = "invalid account_id or project_id -- all must be valid uuid's"


@dataclass(slots=True)
class Call:
    """One call: who asks what. The handler adds to `seconds` what the answer takes."""

    site: Site
    path: str
    params: dict[str, Any]
    caller: Caller | None
    request: Request
    seconds: float = 0.0
    headers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def world(self) -> World:
        """All state."""
        return self.site.world

    def get(self, name: str, default: Any = UNDEFINED) -> Any:
        """A parameter as sent, or undefined."""
        return self.params.get(name, default)

    def account_id(self, refusal: str = "must be signed in") -> str:
        """The id of the caller, who must be signed in."""
        if self.caller is None:
            raise Refusal(refusal)
        return self.caller.account_id

    def is_admin(self) -> bool:
        """Whether the caller is an admin."""
        return bool(self.caller and self.caller.account and self.caller.account.is_admin)

    def only_admins(self, refusal: str) -> None:
        """Refuse all but admins."""
        if not self.is_admin():
            raise Refusal(refusal)

    def is_member_of(self, project_id: object) -> bool:
        """Whether the caller is a member of a project."""
        project = self.world.projects.get(project_id) if isinstance(project_id, str) else None
        return project is not None and self.caller is not None and project.is_member(self.caller.account_id)

    def collaborates(self, project_id: object) -> bool:
        """Whether the caller is a member of a project, asked as most handlers ask: with an id that is none they fail."""
        if not is_uuid(project_id):
            raise Refusal(NO_IDS)
        return self.is_member_of(str(project_id).lower())

    def throttle(self) -> None:
        """Count this call against the limits of its endpoint."""
        if self.site.oddities.rate_limits:
            self.world.throttle.check(self.path, self.account_id(), self.world.now())

    def uuid(self, name: str) -> str:
        """A parameter that must be a uuid."""
        value = self.get(name)
        if not is_uuid(value):
            raise Refusal(f"{name} must be a valid uuid")
        return str(value).lower()

    def own_project(self, refusal: str, name: str = "project_id", *, admins: bool = False) -> Project:
        """The project that a parameter names, of which the caller must be a member."""
        project_id = self.uuid(name)
        account_id = self.account_id()
        project = self.world.projects.get(project_id)
        if project is None or not (project.is_member(account_id) or (admins and self.is_admin())):
            raise Refusal(refusal)
        return project


Handler = Callable[[Call], Any]
