"""openapi-spec-validator's word on a document: it knows all of OpenAPI, names the fault, and takes its time, for its import too."""

from __future__ import annotations

from typing import Any

from jsonschema_path import SchemaPath
from jsonschema_rs import Registry, validator_for
from openapi_schema_validator import OAS31Validator
from openapi_schema_validator._specifications import REGISTRY
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError
from openapi_spec_validator.validation.keywords import OpenAPIV31SchemaValidator
from openapi_spec_validator.validation.registries import KeywordValidatorRegistry
from referencing.exceptions import PointerToNowhere, Unresolvable

from scripts.pipeline.published import Document, DocumentError, printable

_SPECIFICATIONS: Any = [(address, REGISTRY.contents(address)) for address in REGISTRY]
METASCHEMA = validator_for(
    OAS31Validator.META_SCHEMA, registry=Registry(_SPECIFICATIONS), validate_formats=True
)


class _Seen(list[int]):
    """A list in which looking something up takes as long however much is in it."""

    def __init__(self) -> None:
        super().__init__()
        self._quick: set[int] = set()

    def append(self, value: int) -> None:
        super().append(value)
        self._quick.add(value)

    def __contains__(self, value: object) -> bool:
        return value in self._quick


class _SchemaValidator(OpenAPIV31SchemaValidator):
    """openapi-spec-validator's own, which is asked only about schemas that a validator many times as fast does not accept.

    What it has seen it looks up once for each schema.
    """

    def __init__(self, registry: KeywordValidatorRegistry) -> None:
        super().__init__(registry)
        self.visited_schema_ids, self.meta_checked_schema_ids = _Seen(), _Seen()

    def _validate_schema_meta(self, schema: SchemaPath, schema_value: Any) -> OpenAPIValidationError | None:
        if METASCHEMA.is_valid(schema_value):
            return None
        return super()._validate_schema_meta(schema, schema_value)


class _SpecValidator(OpenAPIV31SpecValidator):
    keyword_validators = {**OpenAPIV31SpecValidator.keyword_validators, "schema": _SchemaValidator}  # noqa: RUF012 - as there


def check(document: Document) -> None:
    """Return when `document` is valid OpenAPI 3.1.

    Raises:
        DocumentError: the first thing that openapi-spec-validator finds.
    """
    try:
        error = next(_SpecValidator(document).iter_errors(), None)
    except RecursionError:
        raise DocumentError("the document is nested too deep to be validated") from None
    except (Unresolvable, PointerToNowhere) as problem:
        raise DocumentError(f"not valid OpenAPI: {printable(problem.ref)} leads nowhere") from None
    if error is not None:
        place = [*getattr(error, "absolute_path", ())]
        message = error.message.partition("\n")[0]
        raise DocumentError(f"not valid OpenAPI: {printable(message, 200)}", *place)
