"""Nothing but what our templates produce is let through, wherever in a module it stands."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.pipeline.document.names import RESERVED_MODULES
from scripts.pipeline.inertness import STATIC, InertnessError, check_inert, check_module, forms

PACKAGE = Path(__file__).parents[2] / "generated" / "cocalc_v2"
NAMES = [
    place.relative_to(PACKAGE).as_posix()
    for place in sorted(PACKAGE.rglob("*.py"))
    if place.stat().st_size > 200
]

HEAD = """from __future__ import annotations
import builtins
import httpx
from functools import cached_property
from typing import TYPE_CHECKING, Any
from attrs import define, field
from ..types import UNSET, Answer, Found, Group, Request, Unset, deprecated, new, raw, rows, word
from . import account_id as _account_id
"""
CODE = [
    "print(1)",
    "__import__('os').system('id')",
    "builtins.exec('1')",
    "builtins.__import__('os')",
    "httpx.get('http://127.0.0.1')",
    "httpx.Client().get('x')",
    "open('x')",
    "getattr(httpx, 'get')('x')",
    "(lambda: 1)()",
    "[x for x in ()]",
    "(y := 1)",
    "type('A', (), {})",
    "type(1).mro()",
    "Any.__class__",
    "word.__globals__['__builtins__']",
    "f'{open}'",
    "a @ b",
    "a[b()]",
    "rows(1)(2)(3)",
    "new(*a)",
    "dict(**a)",
    "field(factory=print)()",
]
PLACES = [
    "{}",
    "x = {}",
    "x: {} = 1",
    "x: int = {}",
    "x, y = {}, 1",
    "x += {}",
    "assert {}",
    "del x[{}]",
    "if {}:\n    pass",
    "if TYPE_CHECKING:\n    {}",
    "if TYPE_CHECKING:\n    pass\nelse:\n    {}",
    "if not TYPE_CHECKING:\n    {}",
    "while {}:\n    pass",
    "for x in {}:\n    pass",
    "with {}:\n    pass",
    "try:\n    {}\nexcept x:\n    pass",
    "try:\n    pass\nexcept {}:\n    pass",
    "raise {}",
    "match {}:\n    case _:\n        pass",
    "def f(a: {}): pass",
    "def f(a={}): pass",
    "def f(*, a={}): pass",
    "def f() -> {}: pass",
    "def f():\n    {}",
    "def f():\n    return {}",
    "def f():\n    x = 1\n    if x:\n        return {}",
    "def f():\n    yield {}",
    "def f():\n    raise {}",
    "def f():\n    found.append({})",
    "def f():\n    self.x = {}",
    "def f():\n    x[{}] = 1",
    "def f():\n    def g():\n        {}",
    "def f():\n    try:\n        pass\n    except RecursionError:\n        {}",
    "async def f():\n    await {}",
    "@{}\ndef f(): pass",
    "@deprecated({})\ndef f(): pass",
    "@define(repr={})\nclass A(Answer): pass",
    "@define(slots={})\nclass A(Answer): pass",
    "@{}\nclass A(Answer): pass",
    "class A({}): pass",
    "class A(Answer, x={}): pass",
    "class A(Answer, metaclass={}): pass",
    "class A(Answer):\n    {}",
    "class A(Answer):\n    x = {}",
    "class A(Answer):\n    x: {} = None",
    "class A(Answer):\n    x: int = {}",
    "class A(Answer):\n    x: Any = field(default={})",
    "class A(Answer):\n    x: Any = field(factory={})",
    "class A(Answer):\n    x: Any = field(converter={})",
    "class A(Answer):\n    x: Any = field(validator={})",
    "class A(Group):\n    x = raw({})",
    "class A(Answer):\n    def f(self):\n        return {}",
    "class A(Answer):\n    def f(self):\n        return self._call('x', {{'a': {}}})",
]


def refused(text: str, name: str = "models/x.py") -> None:
    with pytest.raises(InertnessError):
        check_module(name, text)


@pytest.mark.parametrize("place", PLACES)
def test_code_has_no_place_anywhere(place: str) -> None:
    for code in CODE:
        text = HEAD + place.format(code)
        try:
            ast.parse(text)
        except SyntaxError:
            continue
        refused(text)
        refused(text, "resources/x.py")


@settings(max_examples=200)
@given(
    place=st.sampled_from(PLACES),
    code=st.sampled_from(CODE),
    around=st.sampled_from(
        ["{}", "({},)", "[{}]", "{{'a': {}}}", "None or {}", "1 if a else {}", "not {}", "-({})"]
    ),
    name=st.sampled_from(NAMES),
)
def test_code_has_no_place_in_any_module_that_is_generated(
    place: str, code: str, around: str, name: str
) -> None:
    text = (PACKAGE / name).read_text() + "\n" + place.format(around.format(code)) + "\n"
    try:
        ast.parse(text)
    except SyntaxError:
        return
    refused(text, name)


WAYS = {
    "a name of ours, bound anew": "def field():\n    return 1\n",
    "a builtin, bound anew": "def len(a):\n    return a\n",
    "a name bound twice": "x = 1\nx = 2\n",
    "an own decorator": "def cached_property(f):\n    return f\n@cached_property\ndef g(): pass\n",
    "a hook of classes": "class A(Answer):\n    def __init_subclass__(cls): pass\n",
    "a hook of subscripts": "class A(Answer):\n    def __class_getitem__(cls, k): pass\n",
    "an operator": "class A(Answer):\n    def __or__(self, o): pass\n",
    "a hook of attrs": "class A(Answer):\n    def __attrs_post_init__(self): pass\n",
    "a hook of modules": "def __getattr__(name):\n    return 1\n",
    "own builtins": "__builtins__ = {}\n",
    "an own package path": "__path__ = ['/tmp']\n",
    "a base of its own": "class A: pass\nclass B(A): pass\n",
    "a property that is evaluated": "class A(Answer):\n    x: Any = UNSET.x\n",
    "another import": "import os\n",
    "an import under another name": "from typing import Any as len\n",
    "all names of a module": "from ..types import *\n",
    "what types holds beside": "from ..types import FunctionType\n",
    "what client holds beside": "from ..client import ssl\n",
    "from outside": "from ...os import system\n",
    "builtins by name": "from builtins import exec\n",
    "a global": "def f():\n    global x\n",
    "a star": "x = [*a]\n",
    "a text as an annotation": "class A(Answer):\n    x: 'print(1)' = UNSET\n",
    "a text inside an annotation": "class A(Answer):\n    x: list['print(1)'] | Any = UNSET\n",
    "a text as the type of an argument": "def f(x: 'print(1)') -> Any:\n    return x\n",
    "a text as the type of a result": "def f(x: Any) -> dict[str, 'print(1)']:\n    return x\n",
    "data as an annotation": "X = ['print(1)']\nclass A(Answer):\n    x: X[0] = UNSET\n",
    "data called like a form of typing": "Literal = {1: 'print(1)'}\nclass A(Answer):\n    x: Literal[1] = UNSET\n",
    "a default as an annotation": "class A(Answer):\n    s: Any = 'print(1)'\n    x: s = UNSET\n",
    "data in a module of classes": "X = 'print(1)'\n",
    "a part of the built-ins by its name": "def f(x: Any) -> Any:\n    return builtins['eval']\n",
    "an encoding": "# -*- coding: utf-7 -*-\nx = 1\n",
    "a type that is made": "type X = print(1)\n",
    "a class with a parameter": "class A[T: print(1)](Answer): pass\n",
    "no Python": "def f(:\n",
    "too deep": "x = " + "-" * 5000 + "1\n",
}


@pytest.mark.parametrize("way", WAYS)
def test_other_ways_are_closed(way: str) -> None:
    text = WAYS[way]
    refused(text if way == "an encoding" else HEAD + text)


def test_annotations_are_not_evaluated() -> None:
    refused(HEAD.removeprefix("from __future__ import annotations\n") + "def f(a: int): pass\n")


@pytest.mark.parametrize("name", [*STATIC, "models/__init__.py"])
def test_a_module_that_takes_nothing_from_a_document_is_its_template(name: str) -> None:
    text = (PACKAGE / name).read_text()
    check_module(name, text)
    refused(text + "\nprint(1)\n", name)
    refused(text + "\ndef f(x):\n    return x.y()\n", name)
    changed = text.replace("return", "print(1); return", 1)
    if changed != text:
        refused(changed, name)


def test_the_classes_that_are_imported_lie_in_the_package() -> None:
    text = (PACKAGE / "models/__init__.py").read_text()
    for module in (".os", "..client", "a.b", ""):
        refused(text.replace('"account_id"', f'"{module}"', 1), "models/__init__.py")


def test_all_that_is_generated_today_is_let_through(tmp_path: Path) -> None:
    uncompiled = shutil.copytree(
        PACKAGE, tmp_path / "cocalc_v2", ignore=shutil.ignore_patterns("__pycache__")
    )
    assert check_inert(uncompiled) > 500


@pytest.mark.parametrize("name", ["x.so", "x.pyc", "x.pth", "x.PY", "x"])
def test_nothing_but_python_files_lies_there(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    with pytest.raises(InertnessError, match="no Python file"):
        check_inert(tmp_path)


def test_a_file_is_utf_8_and_no_link(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_bytes(b"x = '\xff'\n")
    with pytest.raises(InertnessError, match="UTF-8"):
        check_inert(tmp_path)
    (tmp_path / "x.py").unlink()
    (tmp_path / "x.py").symlink_to("/etc/passwd")
    with pytest.raises(InertnessError, match="link"):
        check_inert(tmp_path)


ALIASED = [
    "def f(value):\n    dict = exec\n    return dict(value)",
    "def f(value):\n    dict: Any = exec\n    return dict(value)",
    "def f(value):\n    dict, len = eval, open\n    return dict(value)",
    "def f(dict, value):\n    return dict(value)",
    "def f(value):\n    rows = value\n    return rows(value)",
    "def f(value):\n    f = value\n    return f(value)",
    "def f(value):\n    _account_id = value\n    return _account_id.K._read(value)",
    "def f(value):\n    self = word\n    return self._call(value)",
    "def f(self, value):\n    self._call = rows\n    return self._call(value)",
    "def f(value):\n    return rows(value, exec)",
    "def f(value):\n    return rows(value, builtins.exec)",
    "def f(value):\n    return rows(value, httpx.get)",
    "def f(value):\n    return rows(value, _account_id)",
    "def f(value):\n    return rows(value, _account_id.builtins.exec)",
    "def f(value):\n    return rows(value, _account_id.rows)",
    "def f(value):\n    from . import import_module\n    return import_module(value)",
    "from .account_id import builtins as _builtins",
    "from .account_id import rows",
    "from . import import_module as _import_module",
    "from . import account_id as dict",
    "from .. import errors as rows",
    "from ..serialization import encode",
]


@pytest.mark.parametrize("code", ALIASED)
def test_a_name_that_may_be_called_is_not_bound_to_something_else(code: str) -> None:
    check_module("models/x.py", HEAD.replace("import httpx\n", ""))
    with pytest.raises(InertnessError):
        check_module("models/x.py", HEAD.replace("import httpx\n", "") + code + "\n")


PLAIN = "from __future__ import annotations\nfrom ..types import Answer, UNSET, models, raw\n"


@pytest.mark.parametrize(
    "body",
    [
        "class Literal(Answer): pass\ndef f(x: Literal['1+1']): pass\n",
        "from .other import Literal\ndef f(x: Literal['1+1']): pass\n",
        "def Literal(): pass\ndef f(x: Literal['1+1']): pass\n",
        "from typing import Literal\nclass A(Answer):\n    def Literal(self): return 1\n    y: Literal['1+1']\n",
        "def define(**options): return 1\n@define(eq=False)\nclass A(Answer): pass\n",
        "def cached_property(given): return 1\nclass A(Answer):\n    @cached_property\n    def f(self): pass\n",
        "from attrs import field\nclass A(Answer):\n    def field(**options): return 1\n    x: int = field(kw_only=True)\n",
        "class A(Answer):\n    def classmethod(given): return 1\n    @classmethod\n    def f(cls): pass\n",
        "class A(Answer):\n    @raw(models.run)\n    def run(self): pass\n",
        "class A(Answer):\n    def raw(given): return 1\n    @raw(A.f)\n    def f(self): pass\n",
        "def f():\n    models['x'] = 1\n",
        '"""\u202e shown in another order"""\n',
    ],
)  # fmt: skip
def test_a_name_counts_for_what_it_is_bound_to(body: str) -> None:
    with pytest.raises(InertnessError):
        check_module("models/a.py", PLAIN + body)


def test_a_call_goes_to_the_server_of_the_client() -> None:
    text = "def _get_kwargs():\n    return {'method': 'post', 'url': 'HTTPS://elsewhere.example/api/v2/x'}\n"
    with pytest.raises(InertnessError, match="an address"):
        check_module("api/a/b.py", text)
    check_module("api/a/b.py", text.replace("HTTPS://elsewhere.example", ""))


def test_no_module_of_a_class_is_called_like_what_such_modules_import() -> None:
    words = {name for name in forms.TYPES | forms.MODULES if name.islower()}
    assert words - {name for name in words if name.startswith("__")} <= RESERVED_MODULES
