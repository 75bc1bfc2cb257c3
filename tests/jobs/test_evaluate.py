"""Code run in a kernel: what it put out and how that shows itself, what failed, and what the server cuts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade import (
    CommandError,
    Evaluation,
    InvalidRequestError,
    NotAvailableError,
    PermissionDeniedError,
    TimedOut,
    UnexpectedResponse,
)
from cocalc_facade._jobs.jupyter.evaluation import kept
from cocalc_facade.testing import StandIn


def test_an_error_of_the_code_is_raised_with_its_traceback_as_text(bench: Any, client: Any) -> None:
    with pytest.raises(CommandError, match="ZeroDivisionError: division by zero") as failed:
        client.evaluate("1/0", project_id=bench.project_id)
    assert failed.value.stderr.startswith("-----")
    assert "\x1b" not in failed.value.stderr
    assert failed.value.__notes__ == [failed.value.stderr]
    done = client.evaluate("print('before')\n1/0", project_id=bench.project_id, check=False)
    assert (done.stdout, done.error.message) == ("before\n", "ZeroDivisionError: division by zero")
    with pytest.raises(CommandError, match="NameError: name 'x' is not defined"):
        client.evaluate("x", project_id=bench.project_id)


def test_output_is_told_apart(bench: Any, client: Any) -> None:
    code = 'import sys\nprint("a")\nprint("b", file=sys.stderr)\n2+a'
    done = client.evaluate(code, project_id=bench.project_id, history=["a=40"])
    assert (done.stdout, done.stderr, done.text) == ("a\n", "b\n", "42")
    assert (done.error, done.truncated, done.cached) == (None, False, False)
    assert str(done) == "a\nb\n42\n"
    [request] = bench.seen("jupyter/execute")
    assert (request["noCache"], request["history"]) == (True, ["a=40"])


def test_one_thing_that_displays_itself_does_so_in_all_its_media_types(bench: Any, client: Any) -> None:
    done = client.evaluate('from IPython.display import HTML\nHTML("<b>x</b>")', project_id=bench.project_id)
    data, metadata = done._repr_mimebundle_()
    assert (data["text/html"], metadata) == ("<b>x</b>", {})
    assert "text/plain" in data
    picture = client.evaluate("Image()", project_id=bench.project_id)
    assert picture.image().startswith(b"\x89PNG")
    assert "image/png" in picture._repr_mimebundle_(include=None, exclude=None)[0]


def test_several_outputs_are_a_page_in_which_text_is_escaped(bench: Any, client: Any) -> None:
    code = 'print("<script>&")\ndisplay(HTML("<b>x</b>"))\ndisplay(Image())\n1'
    page = client.evaluate(code, project_id=bench.project_id)._repr_mimebundle_()["text/html"]
    assert "<pre>&lt;script&gt;&amp;" in page
    assert "<div><b>x</b></div>" in page
    assert '<img src="data:image/png;base64,iVBOR' in page


def test_a_picture_cannot_break_out_of_its_address() -> None:
    hostile = {"data": {"image/png": '"><script>'}}
    assert "<script>" not in Evaluation((hostile, hostile))._repr_html_()


@pytest.mark.parametrize(
    ("output", "left"),
    [
        ([{"text": "a"}, {"wait": False}, {"text": "b"}], "b"),
        ([{"text": "a"}, {"wait": True}, {"text": "b"}], "b"),
        ([{"text": "a"}, {"wait": True}], "a"),
        ([{"text": "a"}, 7, None, {"text": ["b", "c"]}], "abc"),
    ],
)
def test_output_is_cleared_when_the_code_asks_for_it(output: Any, left: str) -> None:
    named = [
        {**item, "name": "stdout"} if isinstance(item, dict) and "text" in item else item for item in output
    ]
    assert Evaluation(kept(named)).stdout == left


PLAIN = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)
MEDIA = ["text/plain", "text/html", "image/png", "image/svg+xml", "application/json"]
KEYS = ["name", "text", "data", "traceback", "ename", "evalue", "wait", "output_type", "metadata"]
DATA = st.dictionaries(st.sampled_from(MEDIA), PLAIN, max_size=3)
ITEM = st.dictionaries(st.sampled_from(KEYS), PLAIN | DATA, max_size=4)


@given(st.lists(ITEM | PLAIN, max_size=5))
def test_whatever_comes_is_shown(output: list[Any]) -> None:
    done = Evaluation(kept(output))
    assert isinstance(str(done), str)
    assert isinstance(repr(done), str)
    assert isinstance(done._repr_html_(), str)
    json.dumps(done._repr_mimebundle_())
    json.dumps(done.to_dict())
    assert isinstance(done.stdout, str)
    assert done.error is None or isinstance(done.error, CommandError)
    assert done.image() is None or isinstance(done.image(), bytes)


def test_code_that_takes_too_long_is_interrupted_by_the_server(bench: Any, client: Any) -> None:
    before = bench.standin.clock.now()
    done = client.evaluate("print('a')\ntime.sleep(40)", project_id=bench.project_id, check=False)
    assert (done.stdout, done.error.message) == ("a\n", "KeyboardInterrupt")
    assert 30 <= bench.standin.clock.now() - before < 40


def test_output_that_is_too_long_is_told_to_be_cut(bench: Any, client: Any) -> None:
    done = client.evaluate('print("x" * 3000000)', project_id=bench.project_id)
    assert done.truncated
    assert "xxx" not in done.stdout


def test_a_kernel_that_never_answers_leaves_open_what_happened(bench: Any, client: Any) -> None:
    bench.standin.fail("jupyter/execute", kind="undefined")
    with pytest.raises(TimedOut) as late:
        client.evaluate("1", project_id=bench.project_id)
    assert late.value.maybe_executed
    assert len(bench.seen("jupyter/execute")) == 1


def test_an_answer_without_output_is_no_empty_output(bench: Any) -> None:
    client = bench.client(script={"jupyter/execute": [{"success": True}]})
    with pytest.raises(UnexpectedResponse):
        client.evaluate("1", project_id=bench.project_id)


@pytest.mark.parametrize(
    ("named", "field"),
    [
        ({"code": ""}, "code"),
        ({"code": 7}, "code"),
        ({"kernel": " "}, "kernel"),
        ({"history": "a=1"}, "history"),
        ({"cache": "no"}, "cache"),
        ({"project_id": "x"}, "project_id"),
        ({"project_id": None, "cwd": "a"}, "cwd"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_sent(
    bench: Any, client: Any, named: dict[str, Any], field: str
) -> None:
    with pytest.raises((InvalidRequestError, TypeError), match=f"^{field}: "):
        client.evaluate(**{"code": "1", "project_id": bench.project_id, **named})
    assert bench.seen() == []


def test_who_may_not_and_where_it_is_off(bench: Any, client: Any) -> None:
    with pytest.raises(PermissionDeniedError):
        client.evaluate("1", project_id=bench.standin.second_project.project_id)
    with pytest.raises(NotAvailableError):
        client.evaluate("1")
    with pytest.raises(NotAvailableError):
        client.kernels()
    bench.standin.jupyter_api = True
    assert client.evaluate("1 + 1").text == "2"


def test_a_kernel_that_is_not_there_is_told_with_those_that_are(bench: Any, client: Any) -> None:
    with pytest.raises(Exception, match="No spec available for kernel"):
        client.evaluate("1", "sage", bench.project_id)
    [kernel] = client.kernels(bench.project_id)
    assert (kernel.name, kernel.display_name, kernel.language) == ("python3", "Python 3", "python")
    assert kernel.fields["metadata"]


@pytest.mark.parametrize("standin", [StandIn(generation="ai")], ids=["newer"])
def test_newer_servers_have_no_kernels_and_the_error_says_what_there_is(
    bench: Any, client: Any, standin: StandIn
) -> None:
    for job in (lambda: client.evaluate("1", project_id=standin.project.project_id), client.kernels):
        with pytest.raises(NotAvailableError):
            job()
