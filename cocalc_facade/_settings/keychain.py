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
    text: str | None = None
    reason, hint = f"the keyring has no key of {user!r} for {NAME}", f"keyring set {NAME} {user}"
    try:
        import keyring

        text = keyring.get_password(NAME, user)
    except ModuleNotFoundError as missing:
        if missing.name == "keyring":
            _refuse(f"{what} needs an extra", "pip install cocalc-facade[keyring]")
        reason, hint = f"the keyring lacks the module {missing.name}", "pip install cocalc-facade[keyring]"
    except Exception as error:  # each of the keyrings of the systems has errors of its own
        reason = f"the keyring does not give it: {type(error).__name__}"
    if text is None:
        _refuse(f"{what}: {reason}", hint)
    return text.strip()


def _refuse(message: str, hint: str) -> NoReturn:
    raise ConfigurationError(message, hint=hint) from None
