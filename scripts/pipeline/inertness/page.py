"""Whether a page only shows: words and lists, and in the reference links to other pages, and calls of routes with plain values.

Looked at as data, like the modules of the package: whoever proposes a page can put neither markup nor other code into the site and its tests.
"""

from __future__ import annotations

import ast
import re

PREAMBLE = """\
from cocalc_facade import CoCalc
from cocalc_facade.testing import StandIn

standin = StandIn()
http = standin.client()
client = CoCalc(standin.user.key, "http://localhost", http_client=http)
admin = CoCalc(standin.admin.key, "http://localhost", http_client=http)
by_project = CoCalc(standin.project_key.secret, "http://localhost", http_client=http)
project_id = standin.project.project_id
account_id = standin.second.account_id
"""
"""What the examples begin with; the only code of a page that is more than calls."""
TREE = """\
```{toctree}
:hidden:
:titlesonly:
:glob:

*
```
"""
"""What ends the index, and makes the site's menu of groups."""

_CLIENTS = {"client", "admin", "by_project"}
_LANGUAGES = {"", "pyi", "python"}
_SHOWN = re.compile(r"\\[\\`*{}\[\]<>|$~&#_=:+.()%-]|`[^`\n]+`(?!`)")
_LINK = re.compile(r"(?<!!)\[[^\[\]]*\]\((?:\.\./\.\./)?[a-z0-9_-]+\.md(?:#[a-z0-9_-]+)?\)")
_LISTED = re.compile(r" *- ")
_MARKUP = re.compile(r"[\[\]{}<>&`$~|]")
_ENTITY = re.compile(r"&#[0-9]{1,6};")
_LIST_MARKUP = re.compile(r"[\[\]<>&`$~]|\{\{|\{%|\}\0")  # the last one would be a role


def check_list(name: str, text: str) -> None:
    """Look at a page that is words, lists and tables and nothing else.

    Raises:
        ValueError: it holds more than it may; the text says in which line.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        if not (line.isprintable() if line else True):
            raise ValueError(f"{name}:{number}: characters that are not printed")
        _check_words(f"{name}:{number}", line, _ENTITY, _LIST_MARKUP)


def check_page(name: str, text: str) -> None:
    """Look at a page.

    Raises:
        ValueError: it holds more than it may; the text says in which line.
    """
    if name.rpartition("/")[2] == "index.md":
        text = text.removesuffix(TREE)
    lines: list[str] = []
    fence: str | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        if not (line.isprintable() if line else True):
            raise ValueError(f"{name}:{number}: characters that are not printed")
        if line.startswith("```"):
            language = line.removeprefix("```")
            if fence is None and language in _LANGUAGES:
                fence, lines = language, []
            elif fence is not None and not language:
                if fence == "python":
                    _check_program(f"{name}:{number}", "\n".join(lines) + "\n")
                fence = None
            else:
                raise ValueError(f"{name}:{number}: a fence of another kind")
        elif fence is not None:
            lines.append(line)
        else:
            _check_words(f"{name}:{number}", line)
    if fence is not None:
        raise ValueError(f"{name}: a fence that does not end")


def _check_words(
    where: str, line: str, harmless: re.Pattern[str] = _LINK, markup: re.Pattern[str] = _MARKUP
) -> None:
    if line.startswith(("    ", "\t")) and not _LISTED.match(line):
        raise ValueError(f"{where}: an indented block")
    words = harmless.sub("", _SHOWN.sub("\0", line))
    if markup.search(words) or words.startswith((":::", "+++", "%", "(")):
        raise ValueError(f"{where}: markup")


def _check_program(where: str, text: str) -> None:
    if text == PREAMBLE:
        return
    try:
        statements = ast.parse(text).body
    except (SyntaxError, MemoryError) as error:
        raise ValueError(f"{where}: {error}") from None
    for statement in statements:
        match statement:
            case ast.Expr(ast.Call() as call) | ast.Assign([ast.Name()], ast.Call() as call):
                if _is_call(call):
                    continue
        raise ValueError(f"{where}: more than calls of routes")


def _is_call(call: ast.Call) -> bool:
    place = call.func
    while isinstance(place, ast.Attribute):
        if place.attr.startswith("_"):
            return False
        place = place.value
    called = isinstance(place, ast.Name) and place.id in _CLIENTS and place is not call.func
    return called and not call.args and all(key.arg and _is_plain(key.value) for key in call.keywords)


def _is_plain(value: ast.expr) -> bool:
    match value:
        case ast.Constant():
            return True
        case ast.Name(name):
            return not name.startswith("_")
        case ast.Attribute(inside, name):
            return not name.startswith("_") and _is_plain(inside)
        case ast.Subscript(inside, ast.Constant()):
            return _is_plain(inside)
        case ast.List(items):
            return all(map(_is_plain, items))
        case ast.Dict(keys, values):
            return all(key is not None and _is_plain(key) for key in keys) and all(map(_is_plain, values))
        case ast.UnaryOp(ast.USub(), ast.Constant()):
            return True
    return False
