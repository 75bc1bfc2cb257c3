"""The site is built without a warning, every page is reached, every link within it leads somewhere, and what one looks up is found."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from sphinx.util.inventory import InventoryFile

import cocalc_facade
import cocalc_facade.testing
from tests.docs.test_routes import SECTIONS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
CALLED = re.compile(r"\b(?:client|admin|by_project)\.([\w.]+)\(")
sys.path.append(str(DOCS / "extensions"))


class Page(HTMLParser):
    """What a page leads to, and what one can lead to on it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = {""}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.places |= {given.get("id") or "", given.get("name") or ""}
        self.links += [link for link in (given.get("href"), given.get("src")) if link]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    options = ["--quiet", "--fail-on-warning", "--keep-going", "--doctree-dir", str(folder / "read")]
    command = [sys.executable, "-m", "sphinx", *options, str(DOCS), str(folder / "site")]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (built.returncode, built.stderr) == (0, "")
    return folder / "site"


def leading_nowhere(site: Path) -> Iterator[str]:
    pages = {file.resolve(): Page(file.read_text("utf-8")) for file in site.rglob("*.html")}
    for file, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            found = target.exists() and (
                target not in pages or unquote(parts.fragment) in pages[target].places
            )
            if not found:
                yield f"{file.relative_to(site)}: {link}"


def test_the_site_is_whole(site: Path) -> None:
    """One test, so that the site is built once wherever the tests run."""
    assert list(leading_nowhere(site)) == []

    with (site / "objects.inv").open("rb") as stream:
        known = {
            name for kind in InventoryFile.load(stream, "", lambda _, uri: uri).values() for name in kind
        }
    names = {f"cocalc_facade.{name}" for name in cocalc_facade.__all__}
    names |= {f"cocalc_facade.testing.{name}" for name in cocalc_facade.testing.__all__}
    for section in SECTIONS:
        names |= {f"cocalc_facade.CoCalc.{name}" for name in CALLED.findall(section.program)}
    assert names - known == set()
    assert len(names) > len(SECTIONS)

    listed = (site / "llms.txt").read_text("utf-8")
    sources = [source.relative_to(DOCS).with_suffix(".html") for source in DOCS.rglob("*.md")]
    assert [str(page) for page in sources if f"]({page.as_posix()})" not in listed] == []
    whole = (site / "llms-full.txt").read_text("utf-8")
    assert all(f"## {section.route}\n" in whole for section in SECTIONS)
    assert "exception NotFoundError(" in whole
    assert "{toctree}" not in whole.replace("`{toctree}`", "")

    index = (site / "searchindex.js").read_text("utf-8")
    content = json.loads(index[index.index("{") : index.rindex("}") + 1])
    assert {"copy_path", "proxi"} <= content["terms"].keys()


def test_a_link_leads_from_the_page_that_shows_the_text(tmp_path: Path) -> None:
    from links import moved  # type: ignore[import-not-found]

    docs = tmp_path / "docs"
    text = "[a](docs/errors.md#x) [b](openapi/CHANGES.md) [c](https://example.com) [d](#here) [e](LICENSE)"
    shown = moved(text, tmp_path / "CHANGELOG.md", docs, docs / "project" / "changelog.md")
    assert shown == (
        "[a](../errors.md#x) [b](routes-changed.md) [c](https://example.com) [d](#here) [e](../../LICENSE)"
    )
    own = moved("[a](errors.md) [b](../SECURITY.md)", docs / "x.md", docs, docs / "x.md")
    assert own == "[a](errors.md) [b](project/security.md)"
