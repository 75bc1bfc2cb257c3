"""Which setting holds: an argument, else the environment, else a profile, else what CoCalc's own tools are told."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeAlias

from cocalc_facade._errors import ConfigurationError
from cocalc_facade._wire.keys import NO_KEY, KeySource

if TYPE_CHECKING:
    from .profiles import Profile

Address: TypeAlias = tuple[str | None, str]

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})


def choose(
    given: dict[str, Any], address: Address, key: KeySource, name: str | None
) -> tuple[dict[str, Any], Address, KeySource]:
    """Give the options, the address and the key: those given, filled up with what lies behind them.

    `address` and `key` are those of the arguments or of the environment; with an address is said what names it. `name` is the profile to take; empty: the one that COCALC_PROFILE or the file
    names; None: the one that COCALC_PROFILE names, if it does.
    """
    options = dict(given)
    if "read_only" not in options and (word := os.environ.get("COCALC_READ_ONLY")):
        options["read_only"] = _flag("COCALC_READ_ONLY", word)
    if name is not None or os.environ.get("COCALC_PROFILE"):
        from .profiles import load

        profile = load(name or os.environ.get("COCALC_PROFILE") or "", told=bool(name))
        options = {**profile.options, **options}
        if key.kind == NO_KEY:
            key = profile.key()
            key.cautions = (*profile.cautions, *key.cautions)
        else:
            key.cautions = (*key.cautions, *profile.cautions, *_crossed(profile, address[0], key))
        if address[0] is None and profile.host is not None:
            address = (profile.host, f"{profile.file}: profile {profile.name!r}: host")
    if address[0] is None and (other := os.environ.get("COCALC_API_URL")):
        address = (other, "COCALC_API_URL")
    return options, address, key


def _crossed(profile: Profile, base_url: str | None, key: KeySource) -> tuple[str, ...]:
    """Say that a key meant for elsewhere may go to the profile's host."""
    if base_url is not None or profile.host is None or not profile.has_key or not key.variable:
        return ()
    return (
        f"the key in {key.variable} comes before that of profile {profile.name!r}, and is sent to its host, {profile.host}; "
        f"unset {key.variable} to use the profile's key",
    )


def _flag(variable: str, word: str) -> bool:
    if word.strip().lower() in _YES:
        return True
    if word.strip().lower() in _NO:
        return False
    raise ConfigurationError(f"{variable} must be 1 or 0, true or false, yes or no, not {word[:20]!r}")
