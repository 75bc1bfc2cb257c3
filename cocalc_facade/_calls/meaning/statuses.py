"""What HTTP's statuses, and the codes of newer servers, mean where they say more than the words beside them."""

from __future__ import annotations

from cocalc_facade._errors import (
    APIError,
    AuthenticationError,
    ConflictError,
    InvalidRequestError,
    NotAvailableError,
    NotFoundError,
    PaymentRequiredError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
)

from .words.wording import NO_KEY_MAY

STATUSES: dict[int, type[APIError]] = {
    400: InvalidRequestError,
    401: AuthenticationError,
    402: PaymentRequiredError,
    403: PermissionDeniedError,
    404: NotFoundError,
    405: InvalidRequestError,
    406: InvalidRequestError,
    409: ConflictError,
    410: NotFoundError,
    411: InvalidRequestError,
    412: ConflictError,
    413: InvalidRequestError,
    414: InvalidRequestError,
    415: InvalidRequestError,
    422: InvalidRequestError,
    423: ConflictError,
    429: RateLimitError,
    431: InvalidRequestError,
    451: PermissionDeniedError,
    501: NotAvailableError,
}

CODES: dict[str, tuple[type[APIError], str | None]] = {
    "invalid": (InvalidRequestError, None),
    "expired": (InvalidRequestError, None),
    "blocked": (InvalidRequestError, None),
    "not_found": (NotFoundError, None),
    "not_allowed": (PermissionDeniedError, None),
    "rate_limited": (RateLimitError, None),
    "resend_too_soon": (RateLimitError, None),
    "api_search_rate_limited": (RateLimitError, None),
    "fresh_auth_required": (PermissionDeniedError, NO_KEY_MAY),
    "two_factor_required": (PermissionDeniedError, NO_KEY_MAY),
    "api_key_rpc_denied": (PermissionDeniedError, NO_KEY_MAY),
}


def meaning_of(status: int) -> type[APIError]:
    """Give the error that a status of 400 or more means by itself."""
    return STATUSES.get(status, ServerError if status >= 500 else APIError)
