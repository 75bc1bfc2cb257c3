"""The table of wordings: the first row whose routes and pattern fit decides. What no row knows is an `APIError` with the server's words."""

from __future__ import annotations

from .access import NOT_ALLOWED, SIGNED_OUT
from .arguments import ARGUMENTS, SOUNDING_OTHERWISE
from .commands import MODELS, RAN, RATES
from .things import CONFLICTS, FAILED, MONEY_LACKING, NOT_SET_UP, NOT_THERE, NOTHING
from .wording import Wording

WORDINGS: tuple[Wording, ...] = (
    *RAN,
    *RATES,
    *MODELS,
    *SIGNED_OUT,
    *NOT_ALLOWED,
    *SOUNDING_OTHERWISE,
    *MONEY_LACKING,
    *CONFLICTS,
    *NOT_SET_UP,
    *NOT_THERE,
    *FAILED,
    *ARGUMENTS,
    *NOTHING,
)
