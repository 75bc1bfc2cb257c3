"""What the tables of opinions are made of: schemas, documents, and the reasons why ours is another."""

from __future__ import annotations

from typing import Any, NamedTuple

from cocalc_facade._drift.change import Severity

INVISIBLE, COMPATIBLE, NOTABLE, BREAKING = Severity

NAMED = "An argument that is gone breaks whoever passes it by name."
ATTRIBUTE = "An attribute that nobody fills any more breaks whoever reads it."
DECODED = "The client takes what comes, whatever its bounds: no value is refused that was let in before."
OPTIONAL = "Every field of an answer may be None in the client, so who reads one has to look already."
SILENT = "What is sent does not change, what it means does: worth a line."
TOLD = "Callers are told, so that they can move in time."
UNLISTED = "Typed calls have no way to pass a field that is not listed."
ONE_FORM = "The client speaks JSON, whatever the document calls it."
MORE = "Whether another condition asks less cannot be told, so that it asks more is assumed."
PASSED = "An argument that is called read-only can be passed all the same."
NEEDED = "An argument that is called read-only need not be passed, so now it must."
READABLE = "An attribute that is called write-only can be read all the same."
DATED = "A caller is told that it is deprecated; no date of an extension is read, so none can be wrong."
FOREIGN = "Keywords of other tools' extensions are not read: no name or type of the client comes from them."
LAPSED = "Deprecated or not, whoever still uses it breaks."
TUPLE = "A tuple has one length in Python."
CLASS = "Python gets an object of a class where it got what came."
NO_BODY = "Without a schema there is no argument, so nobody passes one."
OPEN = "Servers add fields freely, so a list of fields is never believed to be whole."
HEADERS = "No typed method gives headers."
UNSENT = "No call sends headers of the document; the run's summary names them."
POSTED = "The server answers a route under POST, whichever method is published."
CALLS_IN = "The client is called by no server."
WRITTEN = "The type of the argument is another one in Python."
BOTH_FIT = "What fits two alternatives of `oneOf` fits none, and who passes both is refused."
GUESSED = "Whether another pattern takes less cannot be told, so that it does is assumed."
OBJECTS = "The fields of all alternatives are attributes of one class, whichever comes."
KEYS = "Only our own files say who may call."


SAME = {"ERR": {BREAKING}, "WARN": {NOTABLE}, "INFO": {COMPATIBLE, INVISIBLE}}


class Check(NamedTuple):
    """One check: its name and level, the two sides of a change, what ours says, and why where it says otherwise."""

    name: str
    level: str
    old: Any
    new: Any
    ours: Severity
    reason: str = ""


S, N, I = {"type": "string"}, {"type": "number"}, {"type": "integer"}  # noqa: E741
LIST = {"type": "array", "items": S}
OBJ = {"type": "object", "properties": {"x": S}}


def thing(*required: str, **fields: Any) -> dict[str, Any]:
    """An object with these fields."""
    return {"type": "object", "properties": fields, **({"required": list(required)} if required else {})}


def one_of(*arms: Any) -> dict[str, Any]:
    return {"oneOf": list(arms)}


READ, WRITE = {**S, "readOnly": True}, {**S, "writeOnly": True}
FIRST, SECOND = thing("k", k={"const": "a"}), thing("k", k={"const": "b"})


def document(request: Any, answer: Any) -> dict[str, Any]:
    media = {"application/json": {"schema": thing(f=request)}}
    answers = {"application/json": {"schema": thing(f=answer)}}
    post = {
        "operationId": "one",
        "requestBody": {"required": True, "content": media},
        "responses": {"200": {"description": "", "content": answers}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "A", "version": "1"},
        "paths": {"/api/v2/one": {"post": post}},
    }
