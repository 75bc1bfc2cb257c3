"""Where the file of profiles lies."""

from __future__ import annotations

import os
import sys
from pathlib import Path

NAME = "cocalc-facade"


def config_file() -> Path:
    """Give the path of the file of profiles: below XDG_CONFIG_HOME where that is set, else where the platform keeps settings."""
    return _folder() / NAME / "config.toml"


def _folder() -> Path:
    chosen = os.environ.get("XDG_CONFIG_HOME")
    if chosen and Path(chosen).is_absolute():
        return Path(chosen)
    if sys.platform == "win32":
        roaming = os.environ.get("APPDATA")
        return Path(roaming) if roaming else Path.home() / "AppData" / "Roaming"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path.home() / ".config"
