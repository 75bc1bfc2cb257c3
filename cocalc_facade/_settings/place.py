"""Where the file of profiles lies."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cocalc_facade._errors import ConfigurationError

NAME = "cocalc-facade"


def config_file() -> Path:
    """Give the path of the file of profiles: below XDG_CONFIG_HOME where that is set, else where the platform keeps settings.

    Raises:
        ConfigurationError: that is below a home folder, and there is none.
    """
    return _folder() / NAME / "config.toml"


def _folder() -> Path:
    chosen = os.environ.get("XDG_CONFIG_HOME")
    if chosen and Path(chosen).is_absolute():
        return Path(chosen)
    if sys.platform == "win32":
        roaming = os.environ.get("APPDATA")
        return Path(roaming) if roaming else _home() / "AppData" / "Roaming"
    if sys.platform == "darwin":
        return _home() / "Library" / "Application Support"
    return _home() / ".config"


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # as in a container whose user has no name
        raise ConfigurationError(
            "profiles lie below your home folder, and nobody knows where that is",
            hint="set HOME or XDG_CONFIG_HOME",
        ) from None
