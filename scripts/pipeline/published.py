"""Reading an OpenAPI document from bytes that a stranger wrote."""

import json
import math
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 100
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

Document = dict[str, Any]


class DocumentError(Exception):
    """No client can be made from the document; the text is one line that names the place, if there is one."""

    def __init__(self, problem: str, *place: object) -> None:
        where = "/".join(printable(part) for part in place)
        super().__init__(f"{where}: {problem}" if place else problem)


def printable(value: object, limit: int = 120) -> str:
    """Return one line of at most `limit` characters that shows `value` and nothing a terminal would obey."""
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(value)[: limit + 1])
    return text if len(text) <= limit else text[: limit - 1] + "…"


def parse(body: bytes, *, deadline: float = math.inf, clock: Callable[[], float] = monotonic) -> Document:
    """Return the OpenAPI document in `body`.

    Stricter than JSON readers are: UTF-8 only, no NaN or infinity, no key twice, at most `MAX_DEPTH` levels, no half
    of a surrogate pair, because each of these reads differently elsewhere. The time that it takes grows with the
    length of `body` and no faster. Raises DocumentError, also when `clock` has reached `deadline`.
    """

    def in_time() -> None:
        if clock() >= deadline:
            raise DocumentError("reading it takes too long")

    def unique_keys(pairs: list[tuple[str, Any]]) -> Document:
        in_time()
        result = dict(pairs)
        if len(result) != len(pairs):
            raise DocumentError(f"the key {_twice(pairs)[:80]!a} is there twice in one object")
        return result

    if len(body) > MAX_BYTES:
        raise DocumentError(f"larger than {MAX_BYTES >> 20} MiB")
    if body.lstrip()[:1] == b"<":
        raise DocumentError("an HTML page, not an OpenAPI document")
    try:
        value = json.loads(
            body.decode("utf-8"),
            parse_constant=_refuse_constant,
            parse_float=_finite,
            object_pairs_hook=unique_keys,
        )
    except UnicodeDecodeError as error:
        raise DocumentError(f"not UTF-8 text (byte {error.start})") from None
    except RecursionError:
        raise DocumentError(f"nested deeper than {MAX_DEPTH} levels") from None
    except json.JSONDecodeError as error:
        ending = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated")
        what = "ends in the middle (truncated)" if ending and body.strip() else "not JSON"
        raise DocumentError(f"{what}: line {error.lineno}, column {error.colno}") from None
    except ValueError as error:  # an integer of thousands of digits
        raise DocumentError(f"not JSON that can be read: {str(error).splitlines()[0]}") from None
    in_time()
    _check_text_and_depth(value)
    in_time()
    return _openapi(value)


def operations(document: Document) -> Iterator[tuple[str, str]]:
    """Yield each `(path, method)` of `document`, in its order; what is not an object is passed over."""
    for path, item in document["paths"].items():
        if isinstance(item, dict):
            for method in METHODS:
                if isinstance(item.get(method), dict):
                    yield path, method


def _openapi(value: Any) -> Document:
    if not isinstance(value, dict):
        raise DocumentError("not an OpenAPI document: the JSON is no object")
    if not isinstance(value.get("openapi"), str):
        raise DocumentError("not an OpenAPI document: `openapi` is missing")
    if not isinstance(value.get("paths"), dict):
        raise DocumentError("not an OpenAPI document: `paths` is missing")
    if next(operations(value), None) is None:
        raise DocumentError("the document has no operations")
    return value


def _refuse_constant(name: str) -> Any:
    raise DocumentError(f"not JSON: {name}")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise DocumentError("not JSON that can be read: a number is too large")
    return number


def _twice(pairs: list[tuple[str, Any]]) -> str:
    """Return the first key that is there for a second time."""
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            return key
        seen.add(key)
    raise ValueError("no key is there twice")


def _check_text_and_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for node in level:
            if isinstance(node, dict):
                below.extend(node.keys())
                below.extend(node.values())
            elif isinstance(node, list):
                below.extend(node)
            elif isinstance(node, str) and not node.isascii():
                try:
                    node.encode()
                except UnicodeEncodeError:
                    raise DocumentError(f"text that is not Unicode: {node[:80]!a}") from None
        if not below:
            return
        level = below
    raise DocumentError(f"nested deeper than {MAX_DEPTH} levels")
