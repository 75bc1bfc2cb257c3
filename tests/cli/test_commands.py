"""How commands end that fail, and what some of them promise besides."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from cocalc_facade.cli.server.many import items_of
from cocalc_facade.testing import StandIn

from .conftest import Line

TEX = r"\documentclass{article}\begin{document}Hello\end{document}"
FAILURES = (
    ("wrong", 2, "did you mean|there is no command 'wrong'"),
    ("whoami --jsn", 2, "--json"),
    ("whoami --fields nme", 2, "there is no field 'nme'"),
    ("whoami --json --fields kin", 2, "did you mean 'kind'"),
    ("can", 2, "Missing argument 'ROUTE'"),
    ("keys get 99", 66, "no API key with id 99"),
    ("keys get x", 2, "not a valid integer"),
    ("keys create c --expires soon", 2, "neither a time"),
    ("keys delete 2", 80, "--yes"),
    ("accounts find nobody@example.com", 66, ""),
    ("accounts list", 77, ""),
    ("email-of x", 64, "is not a UUID"),
    ("purchases --since later", 2, "neither a time"),
    ("purchases --csv /nowhere/x.csv", 74, "/nowhere"),
    ("cart checkout --yes", 64, "nothing to buy"),
    ("cart delete 9 --yes", 66, ""),
    ("projects state x", 64, "is not a UUID"),
    ("projects find nowhere", 66, "nowhere"),
    ("run P", 2, "COMMAND"),
    ("run P --", 2, "COMMAND|no command"),
    ("run P --json ls", 2, "before PROJECT"),
    ("run P sh -c 'exit 7'", 7, ""),
    ("run P nosuchcommand x", 1, "could not be started"),
    ("jobs wait P none", 1, "no longer knows"),
    ("jobs stop P none", 66, ""),
    ("ls P:nowhere", 66, "nowhere"),
    ("ls homework", 2, "PROJECT:path"),
    ("cat P:nowhere", 66, "nowhere"),
    ("cp a b", 2, "one of the two"),
    ("cp - P:x", 2, "./-"),
    ("cp P:x -", 2, "./-"),
    ("latex D/a.tex -o -", 2, "./-"),
    ("cp D/nowhere P:x", 74, "nowhere"),
    ("mv P:nowhere x", 66, "nowhere"),
    ("rm P:a", 80, "--yes"),
    ("rm P:a --yes", 66, ""),
    ("course students P:x.course", 66, ""),
    ("course students x", 64, ""),
    ("latex D/nowhere.tex", 2, "does not exist"),
    ("latex D/a.tex -o /nowhere/a.pdf", 74, "/nowhere"),
    ("query projcts title", 64, "projects"),
    ("query projects titel", 64, "did you mean 'title'"),
    ("update accounts first_name", 2, "name=text"),
    ("update accounts first_name:=nul", 2, "not JSON"),
    ("call projects/stopp", 64, "did you mean 'projects/stop'"),
    ("call projects/stop", 64, "project_id"),
    ("call projects/stop -f a=1 -f a=2", 2, "twice"),
    ("call accounts/delete", 80, "--yes"),
    ("call purchases/get-purchases -f limit=few", 2, "limit must be a whole number"),
    ("call projects/stop --input D/a.tex", 2, "not JSON"),
    ("map projects/stop D/nowhere", 74, "nowhere"),
    ("schema route nowhere", 64, "not known"),
    ("query projects title --where 'last_edited>2020' --where 'last_edited<2021'", 2, "two conditions"),
    ("query projects title --where title=a --where title=b", 2, "two conditions"),
    ("query projcts title", 64, "--no-check"),
    ("update accounts first_name=A first_name=B", 2, "twice"),
    ("call projects/stop -f project=P", 64, "--no-check"),
    ("call purchases/get-purchases -f limit=5.5", 2, "limit must be a whole number"),
    ("call purchases/get-purchases -f limit=true", 2, "limit must be a whole number"),
    ("call purchases/get-purchases -F limit=NaN", 2, "NaN is not JSON"),
    ("call projects/stop --input D/twice.json", 2, "'project_id' is given twice"),
    ("map projects/stop D/twice.json", 2, "'project_id' is given twice"),
    ("--timeout nan whoami", 2, "number of seconds above zero"),
    ("--timeout 0 whoami", 2, "number of seconds above zero"),
    ("run --timeout soon P true", 2, "number of seconds above zero"),
    ("--host '' whoami", 2, "it is empty"),
    ("whoami --profile ''", 2, "it is empty"),
    ("whoami --fields ' ,'", 2, "it is empty"),
    ("latex D/a.tex -o D/a.tex", 2, "is the source"),
    ("latex D/bytes.tex", 2, "it is not UTF-8"),
    ("--host http://example.com whoami", 78, "allow_plain_http = true in a profile"),
    ("--host ftp://example.com whoami", 78, "the host must start with https://"),
    ("--read-only projects start P", 79, "leave out --read-only"),
    ("ls P:nowhere --no-live", 66, "without --no-live"),
    ("latex D/a.tex --timeout 100", 64, "--path and --project-id"),
    ("completion csh", 2, "bash"),
)


@pytest.fixture
def words(project: str, tmp_path: Path) -> object:
    (tmp_path / "a.txt").write_text("hello\n")
    (tmp_path / "a.tex").write_text(TEX)
    (tmp_path / "ids.txt").write_text(f"{project}\n")
    (tmp_path / "bytes.tex").write_bytes(b"\xff\xfe")
    (tmp_path / "twice.json").write_text('{"project_id": "a", "project_id": "b"}')

    def split(line: str) -> list[str]:
        return [
            project
            if word == "P"
            else word.replace("P:", f"{project}:").replace("D/", f"{tmp_path}/").replace("=P", f"={project}")
            for word in shlex.split(line)
        ]

    return split


@pytest.mark.parametrize(("line", "code", "says"), FAILURES)
def test_it_fails_in_one_line_with_the_code_of_its_class(
    line: str, code: int, says: str, typed: Line, words: object
) -> None:
    ended = typed(*words(line))  # type: ignore[operator]
    assert ended.code == code, ended
    of_the_command = "nosuchcommand" in line  # what it wrote itself has a line of its own
    assert ended.err.count("\n") == (code not in (0, 7)) + of_the_command
    assert any(part in ended.err for part in says.split("|"))


def test_a_file_goes_up_and_comes_back(typed: Line, project: str, tmp_path: Path) -> None:
    (tmp_path / "up").write_bytes(b"\x00\xff\n")
    assert typed("cp", str(tmp_path / "up"), f"{project}:there").code == 0
    assert typed("cp", f"{project}:there", str(tmp_path / "down")).code == 0
    assert (tmp_path / "down").read_bytes() == b"\x00\xff\n"


def test_output_is_what_the_command_wrote_to_the_last_line_end(typed: Line, project: str) -> None:
    assert typed("run", project, "--", "printf", "a\\nb").out == "a\nb"
    assert typed("run", project, "--", "echo", "a").out == "a\n"


def test_a_map_goes_on_by_its_journal(
    typed: Line, project: str, tmp_path: Path, cocalc_server: StandIn
) -> None:
    (tmp_path / "ids").write_text(f"{project}\n00000000-0000-4000-8000-000000000000\n")
    first = typed("map", "projects/stop", str(tmp_path / "ids"), "--journal", str(tmp_path / "j"), "--json")
    assert first.code == 1
    assert [one["error"] is None for one in first.json] == [True, False]


def test_what_code_put_out_before_it_failed_is_shown(typed: Line, project: str) -> None:
    told = typed("evaluate", "print(40 + 2); 1/0", "--project-id", project)
    assert (told.code, told.out) == (1, "42\n")
    assert "ZeroDivisionError" in told.err
    as_json = typed("evaluate", "1/0", "--project-id", project, "--json")
    assert (as_json.code, len(as_json.json["output"])) == (1, 1)


def test_the_source_of_a_document_is_never_replaced(typed: Line, tmp_path: Path) -> None:
    source = tmp_path / "a.pdf"  # whose PDF would go beside it
    source.write_text(TEX)
    assert typed("latex", str(source)).code == 2
    assert source.read_text() == TEX


@pytest.mark.parametrize("text", ["a\u2028b", "a\x0bb", "a\x85b", "a\x1cb"])
def test_an_item_ends_where_its_line_ends_and_nowhere_else(text: str) -> None:
    item = {"title": text}
    written = json.dumps(item, ensure_ascii=False)
    assert items_of(f"{written}\r\n\n{written}", "x") == [item, item]


@pytest.mark.parametrize("lines", [b"%s\n", b"\xef\xbb\xbf%s\n", b'\xef\xbb\xbf["%s"]'])
def test_a_file_of_windows_is_read(lines: bytes, typed: Line, project: str, tmp_path: Path) -> None:
    (tmp_path / "ids").write_bytes(lines % project.encode())
    assert typed("map", "projects/touch", str(tmp_path / "ids")).code == 0
