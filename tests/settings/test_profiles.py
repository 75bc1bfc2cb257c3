"""Profiles: what a file says of a server, what comes before it, and how its faults are told."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyring.backend import KeyringBackend

from cocalc_facade import AsyncCoCalc, CoCalc, CoCalcError, CoCalcWarning, ConfigurationError, ReadOnlyError
from cocalc_facade._settings.place import config_file
from cocalc_facade.testing import StandIn

from .conftest import KEY, File, host_of, plain


def test_a_profile_gives_host_key_and_options(write: File, place: Path) -> None:
    (place / "school.key").write_text(f"{KEY}\n")
    (place / "school.key").chmod(0o600)
    write(
        '[profiles.school]\nhost = "cocalc.school.edu"\nkey_file = "school.key"\ntimeout = 60\nread_only = true\nmax_retries = 5\n'
    )
    for kind in (CoCalc, AsyncCoCalc):
        client = kind.from_profile("school")
        options = client._session.options
        assert host_of(client) == "https://cocalc.school.edu"
        assert (options.timeout.total, options.read_only, options.max_retries) == (60, True, 5)
        assert plain(client) == KEY
        assert KEY not in repr(client) + repr(vars(client))


def test_a_profile_that_is_read_only_refuses(write: File) -> None:
    write("[profiles.safe]\nread_only = true\n")
    with pytest.raises(ReadOnlyError):
        CoCalc.from_profile("safe", api_key=KEY).projects.create(title="x")
    with pytest.raises(ConfigurationError):
        CoCalc.from_profile("safe", api_key=KEY).with_options(read_only=False)


def test_a_key_in_plain_text_is_taken_and_told(write: File) -> None:
    write(f'[profiles.p]\napi_key = "{KEY}"\n')
    with pytest.warns(CoCalcWarning, match="profile 'p': api_key holds the key in plain text") as told:
        assert plain(CoCalc.from_profile("p")) == KEY
    assert len(told) == 1
    assert KEY not in str(told[0].message)


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
@pytest.mark.parametrize(
    ("mode", "words"), [(0o644, "can be read by everybody"), (0o620, "can be written to")]
)
def test_a_file_with_a_key_that_others_can_get_at_is_told(mode: int, words: str, write: File) -> None:
    write(f'[profiles.p]\napi_key = "{KEY}"\n', mode)
    with pytest.warns(CoCalcWarning) as told:
        CoCalc.from_profile("p")
    assert any(words in str(one.message) and str(write.path) in str(one.message) for one in told)


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_a_file_without_keys_may_be_read_by_all_and_written_by_nobody_else(write: File) -> None:
    write('[profiles.p]\nhost = "p.edu"\n', 0o644)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        CoCalc.from_profile("p")
    write('[profiles.p]\nhost = "p.edu"\n', 0o666)
    with pytest.warns(CoCalcWarning, match="can be written to by others"):
        CoCalc.from_profile("p")


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_a_key_file_of_a_profile_is_looked_at_as_any_key_file(write: File, place: Path) -> None:
    (place / "k").write_text(KEY)
    (place / "k").chmod(0o644)
    write('[profiles.p]\nkey_file = "k"\n')
    with pytest.warns(CoCalcWarning, match="key_file: .*can be read by everybody"):
        CoCalc.from_profile("p")


class Memory(KeyringBackend):
    priority = 1  # type: ignore[assignment]

    def __init__(self, kept: dict[tuple[str, str], str]) -> None:
        super().__init__()
        self.kept = kept

    def get_password(self, service: str, username: str) -> str | None:
        if username == "broken":
            raise RuntimeError(KEY)
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(Memory({("cocalc-facade", "school"): KEY}))
    yield
    keyring.set_keyring(before)


@pytest.mark.usefixtures("ring")
def test_a_key_can_be_in_the_keyring(write: File) -> None:
    write(
        '[profiles.p]\nkey_keyring = "school"\n[profiles.q]\nkey_keyring = "nobody"\n[profiles.r]\nkey_keyring = "broken"\n'
    )
    assert plain(CoCalc.from_profile("p")) == KEY
    with pytest.raises(
        ConfigurationError, match=r"profile 'q': key_keyring: the keyring has no key.*keyring set"
    ):
        CoCalc.from_profile("q")
    with pytest.raises(ConfigurationError, match="does not give it: RuntimeError") as raised:
        CoCalc.from_profile("r")
    assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("raise RuntimeError('no bus')", "does not give it: RuntimeError"),
        ("import a_module_of_some_keyring", "lacks the module a_module_of_some_keyring"),
    ],
)
def test_a_keyring_that_cannot_be_loaded_is_told(
    content: str, words: str, write: File, tmp_path: Path, monkeypatch: Any
) -> None:
    (tmp_path / "keyring.py").write_text(content)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "keyring")
    write('[profiles.p]\nkey_keyring = "school"\n')
    with pytest.raises(ConfigurationError, match=words):
        CoCalc.from_profile("p")


def test_without_the_extra_the_error_says_how_to_get_it(write: File, monkeypatch: Any) -> None:
    write('[profiles.p]\nkey_keyring = "school"\n')
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigurationError, match=r"pip install cocalc-facade\[keyring\]"):
        CoCalc.from_profile("p")


FAULTS = [
    ("[profiles.p]\nhots = 'a'", "p", "there is no field 'hots'", "did you mean 'host'?"),
    ("[profiles.p]\nmax_retires = 1", "p", "there is no field 'max_retires'", "did you mean 'max_retries'?"),
    ("[profiles.p]\nzzz = 1", "p", "there is no field 'zzz'", "host"),
    ("[profiles.p]\ntimeout = 'long'", "p", "timeout", None),
    ("[profiles.p]\ntimeout = -1", "p", "timeout", None),
    ("[profiles.p]\nmax_retries = -1", "p", "max_retries", None),
    ("[profiles.p]\nmax_retries = true", "p", "max_retries", None),
    ("[profiles.p]\nread_only = 'yes'", "p", "read_only must be true or false", None),
    ("[profiles.p]\nstrict = 1", "p", "strict must be true or false", None),
    ("[profiles.p]\nauth = 'digest'", "p", "auth", None),
    ("[profiles.p]\nmax_connections = 0", "p", "max_connections", None),
    ("[profiles.p]\nhost = 5", "p", "host must be text", None),
    ("[profiles.p]\nhost = 'http://far.edu'", "p", "host", None),
    ("[profiles.p]\nhost = ''", "p", "host", None),
    ("[profiles.p]\nkey_file = 'missing'", "p", "key_file", None),
    ("[profiles.p]\nkey_env = 'NOT_THERE'", "p", "the variable NOT_THERE is not set", None),
    ("[profiles.p]\nkey_env = 'A'\nkey_file = 'b'", "p", "both give the key", None),
    (f"[profiles.p]\nkey_env = '{KEY}'", "p", "key_env is a key", "api_key"),
    (f"[profiles.p]\nkey_file = '{KEY}'", "p", "key_file is a key", None),
    (f"[profiles.p]\nhost = '{KEY}'", "p", "host", None),
    (f"[profiles.p]\n{KEY} = 1", "p", "there is no field", None),
    (f"[profiles.p]\napi_key = ' {KEY}'", "p", "white space", None),
    ("[profiles.p]\napi_key = 5", "p", "api_key must be text", None),
    ("[profiles.p]\nbase_url = 'p.edu'", "p", "there is no field 'base_url'", "did you mean 'host'?"),
    ("[profiles.p]\nToken = 'x'", "p", "there is no field 'Token'", "key_file"),
    ("[profiles.p]\nhost = 'ftp://p.edu'", "p", "host must start with https://", None),
    (f"[profiles.p]\nhost = 'p.edu/{KEY}'", "p", "host has an API key in its path", None),
    ("[profiles.p]\nkey_file = '~nobody-of-that-name/k'", "p", "key_file: nobody knows the home", None),
    ('[profiles.p]\nkey_file = "a\\u0000b"', "p", "key_file", "NUL"),
    ("[profiles.school]\n", "scool", "no profile 'scool'", "did you mean 'school'?"),
    ("", "p", "no profile 'p'", "none yet"),
    ("[profile.p]\n", "p", "'profile'", "did you mean 'profiles'?"),
    ("profiles = 3", "p", "profiles are tables", None),
    ("[profiles]\np = 3", "p", "profiles are tables", None),
    ("default = 3", "", "default must be", None),
    ("", "", "names no default", "COCALC_PROFILE"),
    (f"[profiles.p]\napi_key = '{KEY}", "p", "is not TOML", None),
    (f"api_key = '{KEY}'\napi_key = '{KEY}'", "p", "is not TOML", None),
]


@pytest.mark.parametrize(("text", "name", "words", "hint"), FAULTS)
def test_a_fault_names_file_profile_and_field(
    text: str, name: str, words: str, hint: str | None, write: File
) -> None:
    write(text)
    with pytest.raises(ConfigurationError) as raised:
        CoCalc.from_profile(name or None)
    error = raised.value
    said = str(error)
    assert str(write.path) in said
    assert words in said
    assert hint is None or hint in said
    assert name in said or "TOML" in said or "tables" in said or "nothing" in said
    assert "\n" not in said
    assert KEY not in said
    assert KEY[:15] not in said
    context = error.__context__
    while context is not None:
        assert KEY not in repr(vars(context)) + str(context)
        context = context.__context__


@pytest.mark.parametrize("name", [5, b"p", ["p"], True])
def test_a_name_is_text(name: Any, write: File) -> None:
    write("[profiles.p]\n")
    with pytest.raises(ConfigurationError, match="the name of a profile must be text"):
        CoCalc.from_profile(name)


def test_without_a_home_folder_it_says_what_to_set(monkeypatch: Any) -> None:
    def nobody_knows() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.delenv("APPDATA", raising=False)
    monkeypatch.setattr(Path, "home", nobody_knows)
    with pytest.raises(ConfigurationError, match="set HOME or XDG_CONFIG_HOME"):
        CoCalc.from_profile("p")
    assert host_of(CoCalc(KEY)) == "https://cocalc.com"


def test_a_file_that_is_not_there_is_told(write: File, monkeypatch: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"config\.toml cannot be read: No such file"):
        CoCalc.from_profile("p")
    monkeypatch.setenv("COCALC_PROFILE", "p")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        CoCalc(KEY)
    write("[profiles.q]")
    with pytest.raises(ConfigurationError, match="command line reads too"):
        CoCalc(KEY)


@pytest.mark.parametrize(
    "data", [b"\xff\xfe\x00", b"x" * 1_000_001, b"\xef\xbb\xbf[profiles.p]\nbad = 1", b"a = " + b"[" * 5000]
)
def test_bytes_that_are_no_profiles_are_told(data: bytes, write: File) -> None:
    write.path.write_bytes(data)
    with pytest.raises(ConfigurationError):
        CoCalc.from_profile("p")


@pytest.mark.parametrize("given", [{}, {"api_key": KEY}])
def test_no_frame_of_an_error_holds_a_key(given: Any, write: File) -> None:
    write(f'[profiles.p]\napi_key = "{KEY}"\ntimeout = "x"\n')
    with pytest.raises(ConfigurationError) as raised:
        CoCalc.from_profile("p", **given)
    trace = raised.value.__traceback__
    while trace is not None:
        if "cocalc_facade" in trace.tb_frame.f_code.co_filename:
            assert KEY not in repr({**trace.tb_frame.f_locals, "self": None})
        trace = trace.tb_next


VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
NAMES = st.sampled_from(
    [
        "host",
        "api_key",
        "key_file",
        "key_env",
        "timeout",
        "read_only",
        "max_retries",
        "auth",
        "strict",
        "hosts",
        "",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_any_profile_makes_a_client_or_a_clear_error(row: Any) -> None:
    from cocalc_facade._settings.profiles import _profile

    said = None
    try:
        _profile(Path("/made/config.toml"), "p", row, (), ()).key()
    except CoCalcError as error:
        said = str(error)
    if said is not None:
        assert "/made/config.toml" in said
        assert "'p'" in said
        assert "\n" not in said


@pytest.mark.parametrize(
    ("platform", "variables", "wanted"),
    [
        ("linux", {}, "~/.config/cocalc-facade/config.toml"),
        ("linux", {"XDG_CONFIG_HOME": "relative"}, "~/.config/cocalc-facade/config.toml"),
        ("darwin", {}, "~/Library/Application Support/cocalc-facade/config.toml"),
        ("win32", {"APPDATA": "/roaming"}, "/roaming/cocalc-facade/config.toml"),
        ("win32", {}, "~/AppData/Roaming/cocalc-facade/config.toml"),
        ("win32", {"XDG_CONFIG_HOME": "/chosen"}, "/chosen/cocalc-facade/config.toml"),
    ],
)
def test_the_file_lies_where_the_platform_keeps_settings(
    platform: str, variables: dict[str, str], wanted: str, monkeypatch: Any
) -> None:
    for name in ("XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert config_file() == Path(wanted).expanduser()


def test_a_client_of_a_profile_calls_a_server(write: File, monkeypatch: Any) -> None:
    standin = StandIn()
    monkeypatch.setenv("K", standin.user.key)
    with standin.serve() as url:
        write(f'default = "here"\n[profiles.here]\nhost = "{url}"\nkey_env = "K"\n')
        with CoCalc.from_profile() as client:
            assert client.whoami().first_name == "Uma"
