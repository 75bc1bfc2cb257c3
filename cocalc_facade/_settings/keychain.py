"""Keys in the system's keyring, by the extra `keyring`."""

from __future__ import annotations

from typing import NoReturn

from cocalc_facade._errors import ConfigurationError

from .place import NAME


def key_from_keyring(user: str, what: str) -> str:
    """Give the key that the keyring has for the service `cocalc-facade` and that user.

    Raises:
        ConfigurationError: the extra is not installed, there is no such key, or the keyring does not answer.
    """
    try:
        import keyring
    except ImportError:
        _refuse(f"{what} needs an extra", "pip install cocalc-facade[keyring]")
    try:
        text: str | None = keyring.get_password(NAME, user)
        reason = f"the keyring has no key of {user!r} for {NAME}"
    except Exception as error:  # each of the keyrings of the systems has errors of its own
        text, reason = None, f"the keyring does not give it: {type(error).__name__}"
    if text is None:
        _refuse(f"{what}: {reason}", f"keyring set {NAME} {user}")
    return text.strip()


def _refuse(message: str, hint: str) -> NoReturn:
    raise ConfigurationError(message, hint=hint) from None
