"""The measuring itself: medians, spread, what is said of a row, and what the command refuses."""

from __future__ import annotations

import json
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest

from scripts import bench
from scripts.benchmarks import report
from scripts.benchmarks.answer import dicts
from scripts.benchmarks.contest import ENOUGH, ROWS, NotHereError, Result, Row, Side, measure
from scripts.benchmarks.growth.operations import OPERATIONS, SHAPED, multiplied
from scripts.benchmarks.loopback import loopback
from scripts.benchmarks.worker import cold, command, warm


def a_row(ours: Side, theirs: Side, target: float = 1.0) -> Row:
    return Row("a-row", target, "something", "something else", lambda _: (ours, theirs))


def result(*ratios: float, target: float) -> Result:
    return Result(a_row(lambda: 1, lambda: 1, target), list(ratios), 1, 1)


def test_a_ratio_is_the_median_of_rounds_and_the_first_round_does_not_count() -> None:
    costs = iter([100.0, 1.0, 2.0, 3.0, 2.0, 2.0, 2.0, 9.0])
    measured = measure(a_row(lambda: next(costs), lambda: 2.0), 7)
    assert measured.ratios == [0.5, 1.0, 1.5, 1.0, 1.0, 1.0, 4.5]
    assert measured.ratio == 1.0


def test_both_sides_take_turns_in_going_first() -> None:
    order: list[str] = []

    def side(name: str) -> Side:
        return lambda: (order.append(name), ENOUGH)[1]

    measure(a_row(side("ours"), side("theirs")), 7)
    assert order[:4] == ["ours", "theirs", "theirs", "ours"]
    assert len(order) == 16


def test_work_that_is_soon_done_is_done_in_turns_until_the_dearer_side_has_cost_enough() -> None:
    order: list[str] = []

    def side(name: str, cost: float) -> Side:
        return lambda: (order.append(name), cost)[1]

    measured = measure(a_row(side("ours", ENOUGH / 8), side("theirs", ENOUGH / 4)), 7)
    assert order[:8] == ["ours", "theirs"] * 4
    assert order[8:10] == ["theirs", "ours"]
    assert len(order) == 8 * 8
    assert measured.ratios == [0.5] * 7
    assert (measured.ours, measured.theirs) == (ENOUGH / 2, ENOUGH)


@pytest.mark.parametrize(
    ("ratios", "target", "verdict"),
    [
        ((0.5, 0.51, 0.5, 0.49, 0.5, 0.5, 0.5), 0.8, "reached"),
        ((0.9, 0.91, 0.9, 0.89, 0.9, 0.9, 0.9), 0.8, "missed"),
        ((0.5, 0.9, 0.7, 0.6, 0.8, 0.7, 0.7), 0.8, "noise"),
        ((0.9, 1.3, 0.8, 1.2, 0.9, 0.7, 0.8), 0.8, "noise"),
    ],
)
def test_a_verdict_is_noise_when_the_spread_is_wider_than_the_distance_to_the_target(
    ratios: tuple[float, ...], target: float, verdict: str
) -> None:
    assert result(*ratios, target=target).verdict == verdict


def test_too_few_rounds_and_unknown_rows_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--rounds", "3"], ["--rounds", "many"], ["no-such-row"]):
        with pytest.raises(SystemExit) as refusal:
            bench.main(arguments)
        assert refusal.value.code == 2
    assert "at least 7 rounds" in capsys.readouterr().err


def test_the_command_writes_the_results_as_json_and_says_what_it_could_not_measure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(_: ExitStack) -> tuple[Side, Side]:
        raise NotHereError("pip install something")

    monkeypatch.setitem(ROWS, "call", a_row(lambda: 1.0, lambda: 2.0, target=0.8))
    monkeypatch.setitem(ROWS, "tasks", Row("tasks", 1.0, "", "", missing))
    file = tmp_path / "results.json"
    assert bench.main(["call", "tasks", "--json", str(file)]) == 0
    assert json.loads(file.read_text()) == [
        {"name": "a-row", "ratio": 0.5, "low": 0.5, "high": 0.5, "target": 0.8}
    ]
    assert "not measured: pip install something" in capsys.readouterr().out


def test_a_missed_target_makes_the_command_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROWS, "call", a_row(lambda: 2.0, lambda: 1.0))
    assert bench.main(["call"]) == 1


def test_a_row_that_fails_makes_the_command_fail_and_loses_no_other_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(ROWS, "call", a_row(command(["false"]), lambda: 1.0))
    monkeypatch.setitem(ROWS, "tasks", a_row(lambda: 1.0, lambda: 2.0))
    file = tmp_path / "results.json"
    assert bench.main(["call", "tasks", "--json", str(file)]) == 1
    assert len(json.loads(file.read_text())) == 1
    assert "call" in capsys.readouterr().err


def test_only_the_measured_part_of_the_page_is_rewritten(tmp_path: Path) -> None:
    begin, end = report.MARKS
    page = tmp_path / "page.md"
    page.write_text(f"before\n{begin}\nold\n{end}\nafter\n")
    report.rewrite(
        page, report.markdown([result(*[0.5] * 7, target=1.0)], [("peer 1.0", "import", 5.0)], "bench")
    )
    text = page.read_text()
    assert text.startswith(f"before\n{begin}\n")
    assert text.endswith(f"\n{end}\nafter\n")
    assert "| `a-row` | something | something else | 0.500 |" in text
    assert "| peer 1.0 | import | 5.00 |" in text
    assert "old" not in text


def test_a_page_without_marks_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing")
    with pytest.raises(SystemExit, match="once each"):
        report.rewrite(page, "x")


def test_sides_of_all_kinds_say_what_they_cost() -> None:
    with ExitStack() as stack:
        assert warm(stack, dicts)() > 0
    assert cold("sum(range(100_000))")() > 0
    assert command(["true"])() > 0


def test_a_side_that_fails_says_so() -> None:
    with pytest.raises(RuntimeError, match="false failed"):
        command(["false"])()


def test_the_loopback_server_keeps_connections_and_answers_what_it_was_given() -> None:
    with loopback('{"a": 1}') as server:
        for _ in range(3):
            with urllib.request.urlopen(f"{server}/x", data=b"{}") as answer:
                assert answer.read() == b'{"a": 1}'


def test_the_large_document_has_copies_of_every_operation() -> None:
    document = multiplied(json.loads(SHAPED.read_text()))
    assert len(document["paths"]) == OPERATIONS
    assert len({path.count("/copy1/") for path in document["paths"]}) == 2
