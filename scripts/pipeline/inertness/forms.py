"""The names that the modules of a package may use: what they import, build on, call."""

import builtins

IMPORTED = {
    "__future__": {"annotations"},
    "attrs": {"define", "field"},
    "collections.abc": {"Mapping", "Sequence"},
    "datetime": {"datetime"},
    "functools": {"cached_property"},
    "http": {"HTTPStatus"},
    "typing": {"TYPE_CHECKING", "Any", "ClassVar", "Final", "Literal"},
    "uuid": {"UUID"},
}
MODULES = {"builtins"}
BASES = {"Answer", "Group", "Request"}
TYPES = BASES | {
    "ABSENT", "AsyncPages", "Pages", "clients", "copied", "DEPARTURES", "deprecated", "differs", "each", "each_value", "encode", "exact_epoch_ms", "exact_epoch_s",
    "Found", "httpx", "models", "new", "parse_iso", "pick", "raw", "raw_async", "read_any", "read_array", "read_boolean", "read_epoch_ms",
    "read_epoch_s", "read_integer", "read_iso", "read_null", "read_number", "read_object", "read_string", "Reader",
    "RawResponse", "resources", "Response", "rows", "Table", "too_deep", "Unset", "UNSET", "Values", "within", "word",
}  # fmt: skip
"""What a module may take from `types.py`; that holds more, with which a function could be built."""

BUILTINS = {"dict", "isinstance", "len", "type"}
SAFE = BUILTINS | {"bool", "float", "int", "list", "str"}
"""The built-ins that a function may hand on."""
UNSAFE = ({*vars(builtins)} - SAFE) | {"builtins", "httpx", "import_module"}
OWN = {"body", "client", "cls", "found", "response", "self"}
"""What a function is given, or makes, to call `METHODS` of."""
METHODS = {
    "body.to_dict",
    "errors.UnexpectedStatus",
    "found.append",
    "response.json",
    "self._call",
    "self._noted",
}
REQUESTS = {f"client.get_{kind}httpx_client" for kind in ("", "async_")}
EXCEPTIONS = {"DEPARTURES", "RecursionError"}
DEFINE = {"eq", "getstate_setstate", "repr", "weakref_slot"}
FIELD = {"factory", "kw_only"}
