"""The reference of routes: every route is there, and its example runs on a stand-in and ends as the page says."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest

from cocalc_facade import CoCalcError
from scripts.pipeline.inertness.page import PREAMBLE, check_page
from scripts.pipeline.reference import read_examples
from tests.docs.guide_code import blocks
from tests.rows import every_row

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "reference" / "routes"
DOCUMENT = json.loads((ROOT / "openapi" / "client.json").read_text("utf-8"))
CHOSEN = read_examples(ROOT / "openapi" / "examples.yaml")
RAISES = re.compile(r"^On a stand-in as it begins, this raises `(\w+)`\.$", re.MULTILINE)


class Section(NamedTuple):
    route: str
    page: str
    program: str
    raises: str


def sections() -> list[Section]:
    found = []
    for page in sorted(PAGES.glob("*.md")):
        if page.name == "index.md":
            continue
        for text in page.read_text("utf-8").split("\n## ")[1:]:
            [program] = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
            said = RAISES.search(text)
            found.append(Section(text.partition("\n")[0], page.name, program, said[1] if said else ""))
    return found


SECTIONS = sections()


@every_row("section", SECTIONS, ids=lambda section: section.route)
def test_an_example_runs_and_ends_as_the_page_says(section: Section) -> None:
    names: dict[str, Any] = {}
    exec(PREAMBLE, names)
    ended = ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of routes that are deprecated, or always fail
        try:
            exec(section.program, names)
        except CoCalcError as error:
            ended = type(error).__name__
    assert ended == section.raises
    assert names["standin"].requests[-1].path == section.route


def test_every_route_has_one_section_and_a_line_in_the_index() -> None:
    routes = sorted(path.removeprefix("/api/v2/") for path in DOCUMENT["paths"])
    assert sorted(section.route for section in SECTIONS) == routes
    index = (PAGES / "index.md").read_text("utf-8")
    for section in SECTIONS:
        anchor = section.route.lower().replace("/", "")
        assert f"- [`{section.route}`]({section.page}#{anchor}): " in index


def test_the_index_says_what_the_examples_begin_with() -> None:
    assert [block.text for block in blocks(PAGES / "index.md")] == [PREAMBLE]


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_a_page_holds_nothing_but_words_and_calls(page: Path) -> None:
    check_page(page.name, page.read_text("utf-8"))


def filled(value: Any) -> Any:
    """A value with an id where a variable stands."""
    match value:
        case str():
            if value in ("$server_id", "$item_id"):
                return 1
            return "00000000-0000-4000-8000-000000000001" if value.startswith("$") else value
        case list():
            return [filled(item) for item in value]
        case dict():
            return {key: filled(item) for key, item in value.items()}
    return value


@every_row("route", sorted(CHOSEN))
def test_what_was_chosen_by_hand_is_what_the_route_takes(route: str) -> None:
    operation = DOCUMENT["paths"][f"/api/v2/{route}"]["post"]
    [media] = operation["requestBody"]["content"].values()
    schema = {**media["schema"], "components": DOCUMENT["components"]}
    jsonschema.validate(filled(CHOSEN[route].arguments), schema)


def test_nothing_that_was_chosen_has_lapsed() -> None:
    shown = {section.route: section for section in SECTIONS}
    for route, entry in CHOSEN.items():
        assert shown[route].raises == entry.refused
        for name in entry.arguments:
            attribute = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
            assert re.search(rf"\b{attribute}=", shown[route].program), (route, name)
