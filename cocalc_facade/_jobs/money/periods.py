"""Since when, and until when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from cocalc_facade._jobs.values.checks import instant, parsed_time, refuse


def moment(value: object, field: str) -> datetime:
    """Give the time in UTC that is meant: a date is its start, a timedelta how long ago, with or without minus."""
    if isinstance(value, timedelta):
        try:
            return datetime.now(UTC) - abs(value)
        except OverflowError:
            raise refuse(field, f"{value.days} days ago is before the year 1") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        raise TypeError(f"{field}: expected a datetime, a date or a timedelta, not {type(value).__name__}")
    found = parsed_time(instant(value, field))
    assert found is not None
    return found
