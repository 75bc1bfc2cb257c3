"""The section of a route: what it does, takes, answers, costs and refuses, and an example."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from cocalc_facade._drift.names import field_names
from scripts.pipeline.coverage import page_sizes
from scripts.pipeline.document.names import RESERVED_FIELDS
from scripts.pipeline.generate.calls import Operation
from scripts.pipeline.generate.kinds import Array, Kind, Map, Model, Scalar, Union, without_null
from scripts.pipeline.generate.models import Models, chosen
from scripts.pipeline.generate.prose import paragraphs, sentence
from scripts.pipeline.generate.telling import about_argument, notes, returned, summary
from scripts.pipeline.reference.markdown import code, prose
from scripts.pipeline.reference.program import WIDTH, Examples
from scripts.pipeline.required import FIELDS

Refusals = Mapping[str, Sequence[str]]

MOST_WORDS = 5
_DEEPEST = 3
_MODELS = re.compile(r"\bmodels\.(?=[A-Z])")


def section(operation: Operation, examples: Examples, refusals: Refusals) -> str:
    """Give what a page says of a route."""
    get = operation.data.get
    lines = [f"## {operation.path}", "", prose(summary(operation.path, operation.data)), ""]
    lines += ["```pyi", *_signature(operation), "```", ""]
    for paragraph in paragraphs(get("description") or ""):
        lines += [prose(paragraph), ""]
    told = notes(operation.path, operation.data)
    if get("x-cocalc-auth", "account") == "account":
        told.insert(0, "Any account may call it, with a key of its own.")
    if not get("x-cocalc-idempotent"):
        told.append("Not sent again when its answer got lost: calling it twice may do more than once.")
    if sizes := page_sizes(get("x-cocalc-pagination")):
        told.append(f"Rows that come without a limit: {sizes}.")
    if (instead := get("x-cocalc-instead")) is not None:
        told.append(sentence(f"On newer servers use instead: {instead}"))
    lines += [*(f"- {prose(note)}" for note in told), ""]
    lines += [*_arguments(operation), *_answer(operation), *_errors(refusals), *_example(operation, examples)]
    return "\n".join(lines)


def _signature(operation: Operation) -> Iterator[str]:
    annotations = operation.models.annotations()
    given = [
        f"{argument.python}: {annotations.argument(_plain(argument.kind))}{'' if argument.required else ' = ...'}"
        for argument in operation.arguments
    ]
    if operation.open_ended:
        given.append("parameters: Mapping[str, Any] | None = None")
    if operation.data.get("x-cocalc-confirm") is not None:
        given.append("confirm: bool = False")
    given = ["*", *given] if given else []
    called = f"client.{'.'.join(operation.attributes)}("
    result = f") -> {annotations.result(operation.result)}"
    if len(line := _without_modules(called + ", ".join(given) + result)) <= WIDTH:
        yield line
    else:
        yield from map(_without_modules, (called, *(f"    {one}," for one in given), result))


def _arguments(operation: Operation) -> Iterator[str]:
    shown = _Fields(operation.models, sent=True)
    if not operation.arguments:
        return
    yield from ("**Arguments**", "")
    for argument in operation.arguments:
        yield from shown.entry(
            argument.python,
            argument.wire,
            argument.kind,
            argument.text,
            "required" if argument.required else "",
            0,
        )
    yield ""


def _answer(operation: Operation) -> Iterator[str]:
    shown = _Fields(operation.models, sent=False)
    type_ = _without_modules(operation.models.annotations().result(operation.result))
    yield from (f"**Answer**: `{type_}`. {prose(returned(operation.data))}".strip(), "")
    lines = list(shown.fields(operation.result, 0))
    yield from (*lines, "") if lines else ()
    some, present = (operation.data.get(f"x-cocalc-{name}", ()) for name in ("some", "present"))
    if set(some) - _always(operation):
        one = "Every success has" if len(some) == 1 else "Every success has at least one of"
        yield from (f"{one} {', '.join(map(code, some))}.", "")
    if present:
        yield from (f"Every success has {', '.join(map(code, present))}, which may be `None`.", "")


def _always(operation: Operation) -> set[str]:
    """The fields that every answer is told to have, because its one class has them."""
    components = operation.models.kinds.components
    match operation.result:
        case Model(component):
            return set(components[component].get(FIELDS, ()))
    return set()


def _errors(refusals: Refusals) -> Iterator[str]:
    if not refusals:
        return
    yield from ("**Errors** that real servers gave:", "")
    for kind, words in refusals.items():
        more = f", and {len(words) - MOST_WORDS} more" if len(words) > MOST_WORDS else ""
        yield f"- `{kind}`: {', '.join(map(code, words[:MOST_WORDS]))}{more}"
    yield ""


def _example(operation: Operation, examples: Examples) -> Iterator[str]:
    yield from ("**Example**", "", "```python", examples.program(operation.path), "```", "")
    if refused := examples.refused(operation.path):
        yield from (f"On a stand-in as it begins, this raises `{refused}`.", "")


class _Fields:
    """Writes arguments and fields as lists; a class is spelled out where it is met first."""

    def __init__(self, models: Models, *, sent: bool) -> None:
        self._models = models
        self._sent = sent
        self._annotations = models.annotations()
        self._told: set[str] = set()

    def entry(self, python: str, wire: str, kind: Kind, text: str, mark: str, depth: int) -> Iterator[str]:
        """Give the lines of one argument or field."""
        type_ = (self._annotations.argument if self._sent else self._annotations.answer)(_plain(kind))
        facts = [f"`{_without_modules(type_)}`", *([mark] if mark else [])]
        if python != wire:
            facts.append(f"{code(wire)} on the wire")
        yield f"{'  ' * depth}- `{python}` ({', '.join(facts)}){f': {prose(text)}' if text else ''}"
        yield from self.fields(kind, depth + 1)

    def fields(self, kind: Kind, depth: int) -> Iterator[str]:
        """Give the lines of the fields that the objects in a value have."""
        for component in dict.fromkeys(_components(kind)):
            if component in self._told or depth > _DEEPEST:
                continue
            self._told.add(component)
            schema = self._models.kinds.components[component]
            properties, required = self._models.kinds.properties(schema)
            names = field_names(properties, RESERVED_FIELDS, chosen(properties))
            always = schema.get(FIELDS, ())
            for wire, part in properties.items():
                inner = self._models.kinds.of(part)
                mark = "required" if self._sent and wire in required else ""
                if not self._sent:
                    inner = without_null(inner)
                    mark = "always there" if wire in always else ""
                yield from self.entry(names[wire], wire, inner, about_argument(part, inner), mark, depth)


def _components(kind: Kind) -> Iterator[str]:
    match kind:
        case Model():
            yield kind.component
        case Array():
            yield from _components(kind.item)
        case Map():
            yield from _components(kind.value)
        case Union():
            for option in kind.options:
                yield from _components(option)


def _plain(kind: Kind) -> Kind:
    """Leave out the values that a text may have, which are told in words."""
    match kind:
        case Scalar():
            return replace(kind, choices=())
        case Array():
            return Array(_plain(kind.item))
        case Map():
            return Map(_plain(kind.value))
        case Union():
            return Union(tuple(map(_plain, kind.options)))
    return kind


def _without_modules(text: str) -> str:
    return _MODELS.sub("", text)
