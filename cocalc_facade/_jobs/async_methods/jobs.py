"""All jobs together, as the clients have them. Made by scripts/async_jobs.py from methods/jobs.py."""

from __future__ import annotations

from .account import AsyncAccountJobs
from .many import AsyncManyJobs
from .money import AsyncMoneyJobs
from .projects import AsyncProjectJobs
from .tables import AsyncTableJobs


class AsyncJobs(AsyncProjectJobs, AsyncTableJobs, AsyncMoneyJobs, AsyncAccountJobs, AsyncManyJobs):
    """The jobs that need more than one call, or more care than one call takes by itself."""
