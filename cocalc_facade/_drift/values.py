"""What differs between two types of one kind of value, their parts aside: the values listed, the bounds, the conditions."""

from __future__ import annotations

from collections.abc import Iterator

from .change import Change, Place, Severity
from .kinds import Json
from .schema.facts import says_less
from .schema.instances import identity
from .wording import listed, shown, shown_condition, shown_limits, shown_value

_PARTS = frozenset(
    {"enum", "time", "items", "tuple", "where", "either", "fields", "ways", "rest", "closed", "name", "levels", "required", "types"}
)  # fmt: skip


def value_changes(place: Place, old: dict[str, Json], new: dict[str, Json]) -> Iterator[Change]:
    """Yield what differs of two facts about one kind of value."""
    yield from _enum(place, old.get("enum"), new.get("enum"))
    yield from _time(place, old.get("time"), new.get("time"))
    if ("enum" in old) == ("enum" in new):
        yield from _limits(place, old, new)
    yield from _conditions(place, old.get("where", []), new.get("where", []))
    if old.get("either") != new.get("either"):
        yield _alternatives(place, old.get("either", [old]), new.get("either", [new]))


def _enum(place: Place, old: list[Json] | None, new: list[Json] | None) -> Iterator[Change]:
    if old == new:
        return
    if old is None or new is None:
        text = f"accepts only {listed(new)}" if new is not None else f"accepts more than {listed(old)}"
        if place.answer:
            text = f"is one of {listed(new)}" if new is not None else f"may be more than {listed(old)}"
        yield place.judged(
            "enum", old, new, f"{place.said} now {text}.",
            request=Severity.COMPATIBLE if new is None else Severity.BREAKING,
            answer=Severity.NOTABLE if new is None else Severity.COMPATIBLE,
        )  # fmt: skip
        return
    before, after = ({identity(value) for value in values} for values in (old, new))
    verb = "is" if place.answer else "accepts"
    for value in (value for value in old if identity(value) not in after):
        yield place.judged(
            "enum", value, None, f"{place.said} no longer {verb} {shown_value(value)}.",
            request=Severity.BREAKING, answer=Severity.COMPATIBLE,
        )  # fmt: skip
    verb = "may be" if place.answer else "accepts"
    for value in (value for value in new if identity(value) not in before):
        yield place.judged(
            "enum", None, value, f"{place.said} now {verb} {shown_value(value)}.",
            request=Severity.COMPATIBLE, answer=Severity.NOTABLE,
        )  # fmt: skip


def _time(place: Place, old: str | None, new: str | None) -> Iterator[Change]:
    if old != new:
        text = (
            f"{place.said} is now a time ({shown(new)})."
            if new
            else f"{place.said} is no longer a time ({shown(old or '')})."
        )
        request = Severity.BREAKING if old else Severity.COMPATIBLE
        yield place.judged("type", old, new, text, request=request, answer=Severity.BREAKING)


def _limits(place: Place, old: dict[str, Json], new: dict[str, Json]) -> Iterator[Change]:
    """Yield one change when a request may hold less, or more, than before, or an answer does."""
    was, now = ({k: v for k, v in side.items() if k not in _PARTS} for side in (old, new))
    if was == now:
        return
    verb = "has" if place.answer else "allows"
    wider, narrower = says_less(now, was), says_less(was, now)
    text = f"{place.said} now {verb} {'more' if wider else 'less'}: {shown_limits(now)}, before {shown_limits(was)}."
    yield place.judged(
        "limits", was, now, text,
        request=Severity.COMPATIBLE if wider else Severity.BREAKING,
        answer=Severity.COMPATIBLE if narrower else Severity.NOTABLE,
    )  # fmt: skip


def _conditions(place: Place, old: list[Json], new: list[Json]) -> Iterator[Change]:
    """Yield the conditions, which no type can model, that came or went."""
    for condition in (one for one in old if one not in new):
        text = f"{place.said} no longer has to meet a condition: {shown_condition(condition)}."
        yield place.judged(
            "condition", condition, None, text, request=Severity.COMPATIBLE, answer=Severity.NOTABLE
        )
    for condition in (one for one in new if one not in old):
        text = f"{place.said} now has to meet a condition: {shown_condition(condition)}."
        yield place.judged(
            "condition", None, condition, text, request=Severity.BREAKING, answer=Severity.COMPATIBLE
        )


def _alternatives(place: Place, old: list[Json], new: list[Json]) -> Change:
    """Return the change of what is one of several things, none of which says all of the others."""
    wider = all(any(says_less(other, one) for other in new) for one in old)
    narrower = all(any(says_less(other, one) for other in old) for one in new)
    text = f"{place.said} is now one of {len(new)} alternatives, before of {len(old)}, which allow {'more' if wider else 'other values'}."
    return place.judged(
        "alternative", old, new, text,
        request=Severity.COMPATIBLE if wider else Severity.BREAKING,
        answer=Severity.COMPATIBLE if narrower else Severity.NOTABLE,
    )  # fmt: skip
