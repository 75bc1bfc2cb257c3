"""Commands that go together, one after another."""

from __future__ import annotations

from pathlib import Path

import pytest

from cocalc_facade.testing import StandIn
from tests.rows import every_row

from .conftest import Line
from .rows import ROWS


@every_row("path", [*ROWS, "mcp"])
def test_every_command_shows_an_example_of_itself(path: str, typed: Line) -> None:
    told = typed(*path.split(), "--help")
    assert told.code == 0
    assert f"$ cocalc-facade {path}" in told.out


def test_the_secret_of_a_new_key_is_among_the_fields_or_the_key_is_named(
    typed: Line, cocalc_server: StandIn
) -> None:
    told = typed("keys", "create", "x", "--json", "--fields", "name")
    made = max(cocalc_server.world.keys.values(), key=lambda key: key.id)
    assert (told.code, told.json) == (0, {"name": "x", "secret": made.secret})
    wrong = typed("keys", "create", "y", "--json", "--fields", "nme")
    made = max(cocalc_server.world.keys.values(), key=lambda key: key.id)
    assert (wrong.code, wrong.json["secret"]) == (1, made.secret)
    assert "did you mean 'name'" in wrong.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("projects", "create", "t"), "project_id"),
        (("call", "projects/create", "-f", "title=t"), "project_id"),
        (("map", "projects/create", "{D}/items"), "value"),
    ],
)
def test_a_wrong_name_of_a_field_loses_nothing_of_what_was_changed(
    words: tuple[str, ...], told: str, typed: Line, tmp_path: Path, cocalc_server: StandIn
) -> None:
    (tmp_path / "items").write_text('{"title": "t"}')
    before = len(cocalc_server.world.projects)
    ended = typed(*(word.format(D=tmp_path) for word in words), "--json", "--fields", "valu")
    assert len(cocalc_server.world.projects) == before + 1
    assert ended.code == 1
    assert told in ended.out
    assert "it was done, and all fields are shown; --fields: there is no field 'valu'" in ended.err


def test_a_job_is_followed_and_ended(typed: Line, project: str) -> None:
    begun = typed(
        "call",
        "exec",
        "-f",
        f"project_id={project}",
        "-f",
        "command=echo out; exit 5",
        "-f",
        "err_on_exit=false",
        "-f",
        "bash=true",
        "-f",
        "async_call=true",
        "--json",
    ).json["job_id"]
    told = typed("jobs", "wait", project, begun)
    assert (told.code, told.out) == (5, "out\n")
    assert typed("jobs", "wait", project, begun, "--json").json["returncode"] == 5
    assert typed("jobs", "stop", project, begun).out == "it had ended already\n"
    assert typed("jobs", "stop", project, begun, "--json").json == {"stopped": False}
    for word in ("wait", "stop"):
        planned = typed("jobs", word, project, begun, "--dry-run")
        assert (planned.code, planned.out.startswith("would call exec")) == (0, True)
        assert typed("jobs", word, project, begun, "--read-only").code == 79


def test_a_file_is_renamed_shown_and_deleted(typed: Line, project: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("text\n")
    assert typed("cp", str(tmp_path / "a"), f"{project}:a").code == 0
    for words in (("mv", f"{project}:a", "b"), ("rm", f"{project}:a", "--yes")):
        assert typed(*words, "--dry-run").out.startswith("would call exec")
        assert typed(*words, "--read-only").code == 79
    assert typed("mv", f"{project}:a", "b c").code == 0
    assert typed("cat", f"{project}:b c").out == "text\n"
    assert [row["name"] for row in typed("ls", f"{project}:", "--json").json if not row["is_dir"]] == ["b c"]
    assert typed("rm", f"{project}:b c", "--yes", "--json").json is None
    assert typed("cat", f"{project}:b c").code == 66


def test_an_admin_is_told_addresses_and_accounts(typed: Line, cocalc_server: StandIn) -> None:
    account, key = cocalc_server.user.account_id, cocalc_server.admin.key
    assert typed("email-of", account, key=key).out == "user@example.com\n"
    assert typed("email-of", account, "--json", key=key).json == "user@example.com"
    assert typed("email-of", account).code == 77
    assert typed("accounts", "list", "--json", key=key).code == 0


def test_what_is_in_the_cart_is_ticked_priced_and_bought_once(typed: Line, cocalc_server: StandIn) -> None:
    item = str(typed("cart", "add-license", "--user", "academic", "--json").json["id"])
    assert typed("cart", "check", item, "--no-checked").code == 0
    assert typed("cart", "checkout", "--yes").code == 64
    assert typed("cart", "check", item).code == 0
    assert typed("cart", "checkout").code == 80
    assert typed("cart", "checkout", "--yes").code == 73
    cocalc_server.purchase(cocalc_server.user, -1000.0, service="credit")
    planned = typed("cart", "checkout", "--dry-run")
    assert "purchases/shopping-cart-checkout" in planned.out
    assert "USD" in planned.out
    assert typed("cart", "checkout", "--read-only").code == 79
    assert typed("cart", "checkout", "--yes", "--at-most", "0.01").code != 0
    done = typed("cart", "checkout", "--yes", "--json")
    assert (done.code, done.json["bought"]) == (0, True)
    assert typed("cart", "checkout", "--yes").code == 64
