"""Finds a key wherever it is shown or held, by reading as a curious person would: nothing here knows how it is hidden."""

from __future__ import annotations

import base64
import binascii
import gc
import html
import logging
import quopri
import re
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from types import BuiltinFunctionType, CodeType, FrameType, ModuleType
from urllib.parse import unquote

RUN = 8
PUBLIC = ("sk-cc-v2.", "sk-cocalc-v2")
"""How the keys of newer servers begin, which is no secret."""
ESCAPED = re.compile(r"\\+(?:x|u00|u000000)([0-9a-fA-F]{2})|\\+([0-7]{3})")

READABLE = re.compile(rf"[ -~]{{{RUN},}}")
"""What noise is not, such as base64 makes of texts that are none."""
NOT_FOLLOWED = (ModuleType, CodeType, BuiltinFunctionType, FrameType, type)


def leaks(shown: object, *keys: str) -> list[str]:
    """The readings of what is shown in which eight characters of a key stand in a row, in any case."""
    runs = {run.lower() for run in runs_of(keys)}
    text = (
        shown.decode("latin-1")
        if isinstance(shown, bytes)
        else shown
        if isinstance(shown, str)
        else repr(shown)
    )
    return [found for found in readings(text) if any(run in found.lower() for run in runs)]


def runs_of(keys: Iterable[str]) -> set[str]:
    """What is never shown of keys."""
    runs = {key[start : start + RUN] for key in keys for start in range(len(key) - RUN + 1)}
    return {run for run in runs if not any(run in start for start in PUBLIC)}


def readings(text: str, depth: int = 4) -> set[str]:
    """A text, and all that one reads out of it by undoing what is done to texts on their way."""
    found = last = {text}
    for _ in range(depth):
        last = {
            other for one in last for other in undone(one) if READABLE.search(other.replace("\0", ""))
        } - found
        found = found | last
    return found


def undone(text: str) -> Iterator[str]:
    yield unquote(text, "latin-1")
    yield html.unescape(text)
    yield text.replace("\0", "")
    yield ESCAPED.sub(lambda escape: chr(int(escape[1], 16) if escape[1] else int(escape[2], 8)), text)
    yield re.sub(r"\\+([^\w\s])", r"\1", text)
    if "=" in text:
        yield quopri.decodestring(text.encode("latin-1", "replace")).decode("latin-1")
    for token in re.findall(r"[0-9a-fA-F]{16,}", text):
        yield binascii.unhexlify(token[: len(token) // 2 * 2]).decode("latin-1")
    for token in re.findall(r"[\w+/-]{11,}", text, re.ASCII):
        plain = token.replace("-", "+").replace("_", "/")
        for shift in range(4):
            part = plain[shift:]
            part = part[: len(part) // 4 * 4] if len(part) % 4 == 1 else part + "=" * (-len(part) % 4)
            yield base64.b64decode(part[: len(part) // 4 * 4]).decode("latin-1")


def chain(error: BaseException | None) -> list[BaseException]:
    """An exception, and all that it came from."""
    found: list[BaseException] = []
    todo = [error]
    for link in todo:
        if link is not None and link not in found:
            found.append(link)
            todo += [link.__cause__, link.__context__, *getattr(link, "exceptions", ())]
    return found


def of_tests(module: str) -> bool:
    """Whether a module stands for a user, who may hold a key; pytest looks at what is imported, and holds the tests."""
    return module.partition(".")[0] in (__name__.partition(".")[0], "_pytest")


def frames(error: BaseException) -> Iterator[FrameType]:
    """The frames that hang on an exception, but for those of the tests."""
    for link in chain(error):
        trace = link.__traceback__
        while trace is not None:
            if not of_tests(trace.tb_frame.f_globals["__name__"]):
                yield trace.tb_frame
            trace = trace.tb_next


def held(error: BaseException, *keys: str) -> list[str]:
    """Where a key stands in clear among all that the variables of the frames of an exception lead to."""
    return found_from(
        [
            (f"{frame.f_code.co_name}.{name}", value)
            for frame in frames(error)
            for name, value in frame.f_locals.items()
        ],
        keys,
    )


def held_by(thing: object, *keys: str) -> list[str]:
    """Where a key stands in clear among all that `thing` leads to."""
    return found_from([("it", thing)], keys)


def found_from(start: Iterable[tuple[str, object]], keys: Iterable[str]) -> list[str]:
    """Follow references as a debugger does; modules, classes and what tests made are not followed."""
    runs = runs_of(keys)
    for key in keys:
        encoded = base64.b64encode(f"{key}:".encode()).decode()
        runs |= {encoded[start : start + 12] for start in range(len(encoded) - 11)}
    known = {id(vars(module)) for module in list(sys.modules.values()) if isinstance(module, ModuleType)}
    todo = deque((value, place) for place, value in start)
    found = []
    while todo:
        thing, place = todo.popleft()
        if (
            id(thing) in known
            or isinstance(thing, NOT_FOLLOWED)
            or of_tests(str(getattr(thing, "__module__", "")))
        ):
            continue
        known.add(id(thing))
        if isinstance(thing, str | bytes | bytearray):
            text = thing if isinstance(thing, str) else bytes(thing).decode("latin-1")
            found += [place] * any(run in text for run in runs)
        else:
            todo += [(other, f"{place}/{type(other).__name__}") for other in gc.get_referents(thing)]
    return found


def told(error: BaseException) -> list[object]:
    """All that an exception and those that it came from show of themselves."""
    shown: list[object] = []
    for link in chain(error):
        shown += [str(link), repr(link), link.args, vars(link)]
    return shown


def logged(records: Iterable[logging.LogRecord]) -> list[object]:
    """All that is in what was logged."""
    return [thing for record in records for thing in (record.getMessage(), record.args)]
