"""Which of the places that say something holds: the argument, the environment, the profile, what CoCalc's own tools are told."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from cocalc_facade import AsyncCoCalc, CoCalc, CoCalcWarning, ConfigurationError

from .conftest import KEY, File, host_of, plain

OTHER = "sk-EEEEffffGGGGhhhh000002"


def test_the_profile_is_named_by_argument_then_environment_then_default(
    write: File, monkeypatch: Any
) -> None:
    write('default = "c"\n[profiles]\na.host = "a.edu"\nb.host = "b.edu"\nc.host = "c.edu"\n')
    assert host_of(CoCalc()) == "https://cocalc.com"
    assert host_of(CoCalc.from_profile()) == "https://c.edu"
    monkeypatch.setenv("COCALC_PROFILE", "b")
    assert host_of(CoCalc.from_profile()) == "https://b.edu"
    assert host_of(CoCalc()) == "https://b.edu"
    assert host_of(CoCalc.from_profile("a")) == "https://a.edu"


def test_arguments_come_first_then_the_environment_then_the_profile(write: File, monkeypatch: Any) -> None:
    write('[profiles.p]\nhost = "p.edu"\nkey_env = "K"\nread_only = true\nmax_retries = 7\n')
    monkeypatch.setenv("K", KEY)
    monkeypatch.setenv("COCALC_API_URL", "https://tool.edu")
    assert host_of(CoCalc.from_profile("p")) == "https://p.edu"
    monkeypatch.setenv("COCALC_HOST", "env.edu")
    monkeypatch.setenv("COCALC_API_KEY", OTHER)
    monkeypatch.setenv("COCALC_READ_ONLY", "0")
    client = CoCalc.from_profile("p")
    assert (host_of(client), plain(client), client._session.options.read_only) == (
        "https://env.edu",
        OTHER,
        False,
    )
    client = CoCalc.from_profile("p", base_url="arg.edu", api_key=KEY, read_only=True, max_retries=2)
    assert (host_of(client), plain(client)) == ("https://arg.edu", KEY)
    assert (client._session.options.read_only, client._session.options.max_retries) == (True, 2)


@pytest.mark.filterwarnings("ignore::cocalc_facade.CoCalcWarning")
@pytest.mark.parametrize("kind", [CoCalc, AsyncCoCalc])
@pytest.mark.parametrize("there", [subset for size in range(5) for subset in combinations(range(4), size)])
def test_the_first_that_is_there_holds(
    there: tuple[int, ...], kind: Any, write: File, place: Path, monkeypatch: Any
) -> None:
    """In the order of the table in docs/configuration.md, whatever of it there is."""
    keys = [f"sk-AAAAbbbbCCCCdddd00010{number}" for number in range(4)]
    hosts = ["arg.edu", "env.edu", "profile.edu", "tool.edu"]
    named: dict[str, Any] = {}
    lines = ["[profiles.p]", *[f'key_env = "KEY_OF_P"\nhost = "{hosts[2]}"'][: 2 in there]]
    (place / "key").write_text(keys[2])
    (place / "key").chmod(0o600)
    if 0 in there:
        named = {"api_key": keys[0], "base_url": hosts[0], "max_retries": 1}
    if 1 in there:
        monkeypatch.setenv("COCALC_API_KEY", keys[1])
        monkeypatch.setenv("COCALC_HOST", hosts[1])
    if 2 in there:
        monkeypatch.setenv("COCALC_API_KEY_FILE", str(place / "key"))
        lines.append("max_retries = 3")
    if 3 in there:
        monkeypatch.setenv("COCALC_API_URL", hosts[3])
    monkeypatch.setenv("KEY_OF_P", keys[3])
    write("\n".join(lines))
    client = kind.from_profile("p", **named)
    wanted = [hosts[number] for number in there] or ["cocalc.com"]
    assert host_of(client) == f"https://{wanted[0]}"
    key = client._key()
    first = next((number for number in there if number < 3), None)
    assert (key._plain().decode() if key else None) == (None if first is None else keys[first])
    assert client._session.options.max_retries == (1 if 0 in there else 3 if 2 in there else 2)


@pytest.mark.parametrize("argument", [None, True, False])
@pytest.mark.parametrize("variable", [None, "", "1", "0"])
@pytest.mark.parametrize("of_profile", [None, True, False])
def test_read_only_is_the_arguments_then_the_variables_then_the_profiles(
    argument: bool | None, variable: str | None, of_profile: bool | None, write: File, monkeypatch: Any
) -> None:
    write("[profiles.p]\n" + ("" if of_profile is None else f"read_only = {str(of_profile).lower()}"))
    if variable is not None:
        monkeypatch.setenv("COCALC_READ_ONLY", variable)
    client = CoCalc.from_profile("p", **({} if argument is None else {"read_only": argument}))
    told = [argument, {"1": True, "0": False}.get(variable or ""), of_profile, False]
    assert client._session.options.read_only == next(one for one in told if one is not None)


def test_a_key_of_the_environment_that_goes_to_a_profiles_host_is_told(write: File, monkeypatch: Any) -> None:
    write('[profiles.p]\nhost = "p.edu"\nkey_env = "K"\n')
    monkeypatch.setenv("K", KEY)
    monkeypatch.setenv("COCALC_API_KEY", OTHER)
    with pytest.warns(CoCalcWarning, match=r"COCALC_API_KEY comes before that of profile 'p'.*p\.edu"):
        assert plain(CoCalc.from_profile("p")) == OTHER


def test_what_cocalcs_own_tools_are_told_is_understood_when_ours_is_absent(monkeypatch: Any) -> None:
    monkeypatch.setenv("COCALC_API_URL", "https://tool.edu/base/api/v2")
    assert host_of(CoCalc(KEY)) == "https://tool.edu/base"
    monkeypatch.setenv("COCALC_HOST", "ours.edu")
    assert host_of(CoCalc(KEY)) == "https://ours.edu"
    assert host_of(CoCalc(KEY, "arg.edu")) == "https://arg.edu"


@pytest.mark.parametrize("of_file", [None, False, True])
@pytest.mark.parametrize("given", [None, False, True])
def test_whether_a_key_may_go_in_clear_is_said_by_the_argument_then_by_the_profile(
    given: bool | None, of_file: bool | None, write: File
) -> None:
    told = "" if of_file is None else f"allow_plain_http = {str(of_file).lower()}\n"
    write(f'[profiles.p]\nhost = "http://p.edu"\n{told}')
    named: Any = {} if given is None else {"allow_plain_http": given}
    if of_file if given is None else given:
        assert host_of(CoCalc.from_profile("p", **named)) == "http://p.edu"
    else:
        with pytest.raises(
            ConfigurationError, match=r"config\.toml: profile 'p': host: the key would travel"
        ):
            CoCalc.from_profile("p", **named)


@pytest.mark.parametrize("variable", ["COCALC_HOST", "COCALC_API_URL"])
@pytest.mark.parametrize(
    "address", ["ftp://x", "http://project.internal:9102", "x.edu/../y", " ", "https://a:b@x"]
)
def test_an_address_of_the_environment_that_makes_no_sense_names_its_variable(
    variable: str, address: str, monkeypatch: Any
) -> None:
    monkeypatch.setenv(variable, address)
    with pytest.raises(ConfigurationError, match=variable):
        CoCalc(KEY)
    assert host_of(CoCalc(KEY, "arg.edu")) == "https://arg.edu"
