"""The reference of routes: what a page says of a route, and that words of others stay words on it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from scripts.pipeline.facts import Newer
from scripts.pipeline.generate import generate
from scripts.pipeline.generate.calls import Operation
from scripts.pipeline.inertness.page import PREAMBLE, check_page
from scripts.pipeline.published import DocumentError
from scripts.pipeline.reference import read_examples, read_refusals, reference
from scripts.pipeline.reference.markdown import prose
from scripts.pipeline.reference.program import Chosen, Examples
from tests.pipeline.generate.test_hostile_text import NASTY, hostile
from tests.pipeline.shaped import NOWHERE, made_up, operation

NEWER = Newer(
    "2026-01-02", {"zoo/open": ("none",), "zoo/shut": ("never",), "zoo/move": ("zoo:write", "zoo:read")}
)
NASTIER = [
    *NASTY,
    "```{include} /etc/passwd\n```",
    "{doc}`index` {raw}`x`",
    "<script>alert(1)</script> <!-- x",
    "[a](javascript:x) ![b](http://x) <http://x>",
    "# heading",
    "- item",
    "1. item",
    "::: note",
    "| a | b |",
    "$x$ &lt; ~~a~~ *b* _c_ __d__",
    "`` ` ``` unfinished `",
    "$project_id",
    "(target)=",
]


def operations(document: dict[str, Any], folder: Path) -> tuple[Operation, ...]:
    return generate(document, folder / "cocalc_v2", NOWHERE).made_of


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Operation, ...]:
    return operations(made_up(), tmp_path_factory.mktemp("made"))


def tokens(text: str) -> list[Token]:
    """What Markdown with all that the site understands of it makes of a text."""
    return [
        inner
        for token in MarkdownIt("gfm-like", {"linkify": False}).parse(text)
        for inner in (token, *(token.children or ()))
    ]


@pytest.mark.parametrize("text", NASTIER)
def test_words_made_to_be_markup_stay_words(text: str, tmp_path: Path) -> None:
    refusals = {"zoo/feed": {"NotFoundError": [text]}}
    pages = reference(operations(hostile(text), tmp_path), {}, refusals, NEWER)
    for name, page in pages.items():
        check_page(name, page)
    assert "html_block" not in {token.type for token in tokens(pages["zoo.md"])}


@given(st.text(st.sampled_from("ab `*_{}[]()<>|$~&#-+=:.%1\\\n"), max_size=40))
@settings(max_examples=300)
def test_a_paragraph_is_a_paragraph_of_text_and_code(text: str) -> None:
    shown = prose(text)
    if shown:
        assert {token.type for token in tokens(shown)} <= {
            "paragraph_open", "paragraph_close", "inline", "text", "text_special", "code_inline",
        }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "```{include} x\n```",
        "```html\n```",
        "```python\nimport os\n```",
        "```python\nclient.x(open('y'))\n```",
        "```python\nclient.x(**{})\n```",
        "```python\nclient.x(1)\n```",
        "```python\nclient.__class__(a=1)\n```",
        "```python\nclient.x(a=standin._world)\n```",
        "```python\nclient.x(a=[1 for _ in b])\n```",
        "```python\nclient(a=1)\n```",
        "```python\nother.x(a=1)\n```",
        "```python\nx = y\n```",
        "```python\ndef f(: pass\n```",
        f"```python\n{PREAMBLE}import os\n```",
        "```python\nclient.x()",
        "{doc}`index`",
        "<b>x</b>",
        "[x](https://example.com)",
        "[x](../../../secret.md)",
        "![x](y.md)",
        ":::{note}",
        "(target)=",
        "    code",
        "a \u202e b",
        "% comment",
    ],
)
def test_a_page_that_does_more_than_show_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^x\.md:?"):
        check_page("x.md", text)


def test_the_section_of_a_route_says_what_one_should_know(made: tuple[Operation, ...]) -> None:
    chosen = {
        "zoo/feed": Chosen({"animal_id": "$account_id", "confirm": True, "grams": 5}, {}, "NotFoundError")
    }
    refusals = {"zoo/feed": {"NotFoundError": [f"no animal {number}" for number in range(7)]}}
    page = reference(made, chosen, refusals, NEWER)["zoo.md"]
    section = page.partition("## zoo/feed\n")[2].partition("\n## ")[0]
    for line in (
        "Feed an animal.",
        "    animal_id: str | UUID,",
        "    confirm: bool = False,",
        "- Needs `confirm=True`, because this feeds an animal.",
        "- May take minutes; the client waits up to 300 s.",
        "- `animal_id` (`str | UUID`, required): Which animal.",
        "- `confirm_` (`bool`, required, `confirm` on the wire)",
        "- `grams` (`int`): Default: 100. From 1 to 500.",
        "- `mood` (`str`): Known values: calm, wild.",
        "**Answer**: `ZooFeedResult`.",
        "  - `class_` (`str`, `class` on the wire)",
        "  - `mother` (`Animal`)",
        "    - `since_ms` (`datetime`, `sinceMs` on the wire): A time, milliseconds since 1970 on the wire.",
        "client.zoo.feed(animal_id=account_id, confirm_=True, grams=5, confirm=True)",
        "On a stand-in as it begins, this raises `NotFoundError`.",
    ):
        assert f"\n{line}\n" in f"\n{section}", section
    assert "`no animal 4`, and 2 more\n" in section


def test_routes_of_one_word_share_a_page_and_the_index_leads_to_all(made: tuple[Operation, ...]) -> None:
    pages = reference(made, {}, {}, NEWER)
    assert set(pages) == {"index.md", "root.md", "zoo.md"}
    index = pages["index.md"]
    assert "- [`zoo`](root.md#zoo): Call `zoo`." in index
    assert "- [`zoo/feed`](zoo.md#zoofeed): Feed an animal." in index
    assert "- `zoo/move` (`zoo:write` and `zoo:read`)\n- `zoo/open` (needs no key)\n" in index


def test_pages_have_names_that_every_file_system_takes(tmp_path: Path) -> None:
    document = made_up()
    for path in ("con/a", "index/a", "root/a", "Zoo/a"):
        document["paths"][f"/api/v2/{path}"] = operation({})
    pages = reference(operations(document, tmp_path), {}, {}, NEWER)
    names = {"con_.md", "index_.md", "root.md", "root_.md", "zoo.md"}
    assert names < set(pages)
    assert len({name.lower() for name in pages}) == len(pages) == 7


def test_an_example_that_the_document_no_longer_takes_lapses(made: tuple[Operation, ...]) -> None:
    by_path = {operation.path: operation for operation in made}
    for entry in (
        Chosen({"animal_id": "x", "confirm": True, "gone": 1}),
        Chosen({"grams": 1}),
        Chosen({"animal_id": "x", "confirm": True}, {"made": "zoo/gone"}),
    ):
        program = Examples(by_path, {"zoo/feed": entry}).program("zoo/feed")
        assert program == (
            'client.zoo.feed(\n    animal_id="00000000-0000-4000-8000-000000000001",\n    confirm_=True,\n    confirm=True,\n)'
        )


def test_what_comes_first_is_called_first_and_once_round(made: tuple[Operation, ...]) -> None:
    by_path = {operation.path: operation for operation in made}
    chosen = {
        "zoo/list": Chosen({"limit": "$fed.animals[0]"}, {"fed": "zoo/feed"}),
        "zoo/feed": Chosen({"animal_id": "x", "confirm": False}, {"all_": "zoo/list"}),
    }
    program = Examples(by_path, chosen).program("zoo/list")
    assert program == (
        'fed = client.zoo.feed(animal_id="x", confirm_=False, confirm=True)\n'
        "client.zoo.list(limit=fed.animals[0])"
    )


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text()
        | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
@settings(max_examples=200)
def test_an_example_stands_for_the_values_that_were_chosen(made: tuple[Operation, ...], value: Any) -> None:
    by_path = {operation.path: operation for operation in made}
    entry = Chosen({"animal_id": value, "confirm": True})
    program = Examples(by_path, {"zoo/feed": entry}).program("zoo/feed")
    [statement] = ast.parse(program).body
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Call)
    assert ast.literal_eval(statement.value.keywords[0].value) == value


@pytest.mark.parametrize(
    "text",
    [
        "- a\n",
        "zoo: 1\n",
        "zoo: {argument: {}}\n",
        "zoo: {first: [a]}\n",
        "zoo: {refused: 1}\n",
        "zoo: {arguments: {1: 2}}\n",
    ],
)
def test_an_entry_of_another_form_is_refused(text: str, tmp_path: Path) -> None:
    place = tmp_path / "examples.yaml"
    place.write_text(text)
    with pytest.raises(DocumentError, match=r"examples\.yaml|^zoo"):
        read_examples(place)


def test_without_the_files_nothing_is_chosen_and_nothing_was_seen(tmp_path: Path) -> None:
    assert read_examples(tmp_path / "x") == {}
    assert read_refusals(tmp_path / "x") == {}
