"""All jobs together, as the clients have them. `scripts/async_jobs.py` makes the async half from this file."""

from __future__ import annotations

from .account import AccountJobs
from .many import ManyJobs
from .money import MoneyJobs
from .projects import ProjectJobs
from .tables import TableJobs


class Jobs(ProjectJobs, TableJobs, MoneyJobs, AccountJobs, ManyJobs):
    """The jobs that need more than one call, or more care than one call takes by itself."""
