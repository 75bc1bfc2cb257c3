"""A folder for the file of profiles, and an environment that says nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from cocalc_facade import CoCalc

KEY = "sk-AAAAbbbbCCCCdddd000001"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: Any) -> Path:
    for name in [name for name in os.environ if name.startswith("COCALC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "cocalc-facade"
    folder.mkdir(mode=0o700)
    return folder


class File:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "config.toml"

    def __call__(self, text: str, mode: int = 0o600) -> None:
        self.path.write_text(text, encoding="utf-8")
        self.path.chmod(mode)


@pytest.fixture
def write(place: Path) -> File:
    return File(place)


def plain(client: CoCalc) -> str:
    key = client._key()
    assert key is not None
    return key._plain().decode()


def host_of(client: Any) -> str:
    return str(client._session.host.base)
