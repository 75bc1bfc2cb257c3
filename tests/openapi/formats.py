"""The formats of the hand-edited data, as JSON Schemas."""

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "pattern": r"\S"}
ROUTE: Schema = {"type": "string", "pattern": r"^[a-z-]+(/[a-z-]+)*$"}

OVERLAY: Schema = {
    "type": "object",
    "required": ["overlay", "info", "actions"],
    "additionalProperties": False,
    "properties": {
        "overlay": {"const": "1.0.0"},
        "info": {
            "type": "object",
            "required": ["title", "version"],
            "additionalProperties": False,
            "properties": {"title": TEXT, "version": TEXT},
        },
        "actions": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["target", "description"],
                "additionalProperties": False,
                "properties": {
                    "target": {"type": "string", "pattern": r"^\$\."},
                    "description": TEXT,
                    "update": {"type": "object", "minProperties": 1},
                    "remove": {"const": True},
                    "x-cocalc-route": {"anyOf": [ROUTE, {"type": "array", "minItems": 2, "items": ROUTE}]},
                },
                "oneOf": [{"required": ["update"]}, {"required": ["remove"]}],
            },
        },
    },
}

_LIMIT: Schema = {"type": "integer", "minimum": 1}
_SENTENCE: Schema = {"type": "string", "pattern": r"^[a-z].*[^.]$"}

_CAPABILITY: Schema = {
    "enum": [
        "account:read",
        "project:create",
        "project:list",
        "project:read",
        "project:write",
        "file:read",
        "file:write",
        "project:exec",
    ]
}
CAPABILITY: Schema = {
    "anyOf": [
        {"enum": ["none", "never"]},
        _CAPABILITY,
        {"type": "array", "minItems": 2, "items": _CAPABILITY},
    ]
}

EXTENSIONS: Schema = {
    "type": "object",
    "required": [
        "x-cocalc-auth",
        "x-cocalc-mutates",
        "x-cocalc-idempotent",
        "x-cocalc-newer-servers",
    ],
    "properties": {
        "x-cocalc-auth": {
            "enum": [
                "none",
                "optional",
                "account",
                "account-or-project",
                "project",
                "admin",
                "admin-or-partner",
            ]
        },
        "x-cocalc-mutates": {"type": "boolean"},
        "x-cocalc-changes": _SENTENCE,
        "x-cocalc-reads-when": {"anyOf": [{"const": "query"}, {"type": "object", "minProperties": 1}]},
        "x-cocalc-idempotent": {"type": "boolean"},
        "x-cocalc-timeout": {"type": "number", "exclusiveMinimum": 30, "maximum": 600},
        "x-cocalc-confirm": _SENTENCE,
        "x-cocalc-charges": {"const": True},
        "x-cocalc-fails": _SENTENCE,
        "x-cocalc-pagination": {
            "type": "object",
            "required": ["limit"],
            "additionalProperties": False,
            "properties": {
                "limit": TEXT,
                "offset": TEXT,
                "cursor": TEXT,
                "next": {"type": "string", "pattern": r"^x-[a-z-]+$"},
                "default": _LIMIT,
                "max": _LIMIT,
            },
        },
        "x-cocalc-rate-limit": {
            "type": "object",
            "required": ["second", "minute", "hour"],
            "additionalProperties": False,
            "properties": {"second": _LIMIT, "minute": _LIMIT, "hour": _LIMIT},
        },
        "x-cocalc-newer-servers": {"type": "boolean"},
        "x-cocalc-capability": CAPABILITY,
        "x-cocalc-instead": {"type": "string", "pattern": r"^[a-z].*[^.]$"},
        "x-cocalc-job": {"type": "string", "pattern": "^client[.]"},
        "x-cocalc-failure": {
            "type": "array",
            "minItems": 1,
            "items": {"enum": ["issues", "status", "event", "response-event", "message"]},
        },
    },
}

# What the pipeline adds to an operation of the data.
PIPELINE: Schema = {"x-cocalc-published": {"type": "boolean"}}

SUPPLEMENT_OPERATION: Schema = {
    "type": "object",
    "required": ["summary", "responses"],
    "additionalProperties": False,
    "properties": {
        "summary": {"type": "string", "pattern": r"^[A-Z].*[^.]$", "maxLength": 90},
        "description": {"type": "string", "pattern": r"^[A-Z`][\s\S]*[.]$"},
        "deprecated": {"const": True},
        "requestBody": {
            "type": "object",
            "required": ["required", "content"],
            "properties": {
                "content": {"type": "object", "required": ["application/json"], "maxProperties": 1}
            },
        },
        "responses": {
            "type": "object",
            "required": ["200"],
            "maxProperties": 1,
            "properties": {"200": {"required": ["description", "content"]}},
        },
    },
}
