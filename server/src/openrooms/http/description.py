"""What an API says of itself: an OpenAPI 3.1 document for each of its versions, from its wire types."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, TypeAlias

import msgspec

from openrooms.http.versions import Versions

OPENAPI = "3.1.0"
SCHEMAS = "#/components/schemas/"
ERROR = "ErrorResponse"
# What any operation may answer, whatever is asked.
ALWAYS = (400, 401, 429, 503)
# And one that reads a body.
WITH_BODY = (413, 415)

# Any: a document is JSON, made here and read by others.
Node: TypeAlias = dict[str, Any]
# A type of `wire`, which says what a body is.
Shape: TypeAlias = type[msgspec.Struct]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter beside the path and `api-version`: where it stands, and what it says."""

    name: str
    place: str
    says: str
    schema: Mapping[str, object] = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One operation: what it takes and what it answers.

    `answer` is the shape of the body when all goes well; None: there is none. `errors` are the
    statuses that it may answer beside those of every operation. `headers` come with the good answer.
    """

    method: str
    path: str
    id: str
    says: str
    status: int
    answer: Shape | None = None
    takes: Shape | None = None
    media_types: Sequence[str] = ()
    may_be_empty: bool = False
    parameters: Sequence[Parameter] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[int] = ()
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """An API: its operations in all versions, and how the shapes of one version differ.

    `adapt` takes what a version does not have out of the shapes; `parts` says what stands in paths.
    """

    name: str
    title: str
    says: str
    versions: Versions
    operations: Sequence[Described]
    parts: Mapping[str, str]
    error_headers: Mapping[str, str] = field(default_factory=dict)
    has_details: bool = True
    adapt: Callable[[str, Node], None] | None = None

    def document(self, version: str) -> Node:
        """The OpenAPI document of one version."""
        here = [one for one in self.operations if one.since <= version]
        schemas = _schemas(here)
        if self.adapt is not None:
            self.adapt(version, schemas)
        schemas[ERROR] = _error(has_details=self.has_details)
        paths: Node = {}
        for one in here:
            paths.setdefault(one.path, self._shared(one.path, version))
            paths[one.path][one.method.lower()] = self._operation(one)
        statuses = sorted({status for one in here for status in _errors(one)})
        return {
            "openapi": OPENAPI,
            "info": {"title": self.title, "description": self.says, "version": version},
            "security": [{"accessKey": []}, {"bearer": []}],
            "paths": paths,
            "components": {
                "schemas": schemas,
                "responses": {f"Error{status}": self._refusal(status) for status in statuses}
                | {"Error": self._refusal(None)},
                "securitySchemes": dict(SECURITY),
            },
        }

    def _shared(self, path: str, version: str) -> Node:
        """What all operations of a path take."""
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        inside = [
            {
                "name": name,
                "in": "path",
                "required": True,
                "description": self.parts[name],
                "schema": {"type": "string"},
            }
            for name in names
        ]
        if self.versions.in_path:
            return {"parameters": [*inside, _parameter(CLIENT_REQUEST_ID)]}
        asked = {
            "name": "api-version",
            "in": "query",
            "required": True,
            "description": "The version of the API that the request is made for.",
            "schema": {"type": "string", "enum": [version]},
        }
        return {"parameters": [*inside, asked, _parameter(CLIENT_REQUEST_ID)]}

    def _operation(self, one: Described) -> Node:
        made: Node = {"operationId": one.id, "summary": one.says}
        if one.parameters:
            made["parameters"] = [_parameter(parameter) for parameter in one.parameters]
        if one.takes is not None:
            schema = {"$ref": SCHEMAS + one.takes.__name__}
            made["requestBody"] = {
                "required": not one.may_be_empty,
                "content": {kind: {"schema": schema} for kind in sorted(one.media_types)},
            }
        answers: Node = {str(one.status): _answer(one)}
        for status in _errors(one):
            answers[str(status)] = {"$ref": f"#/components/responses/Error{status}"}
        answers["default"] = {"$ref": "#/components/responses/Error"}
        return made | {"responses": answers}

    def _refusal(self, status: int | None) -> Node:
        says = "What went wrong." if status is None else f"{HTTPStatus(status).phrase}."
        headers = dict(self.error_headers) | (
            {"Retry-After": "Seconds after which to try again."}
            if status in {409, 429, 503}
            else {}
        )
        schema = {"$ref": SCHEMAS + ERROR}
        return {
            "description": says,
            "headers": {name: _header(text) for name, text in headers.items()} | _our_id(),
            "content": {"application/json": {"schema": schema}},
        }


CLIENT_REQUEST_ID = Parameter(
    "x-ms-client-request-id", "header", "The caller's own name for the request, for both our logs."
)
SECURITY: Mapping[str, object] = MappingProxyType(
    {
        "accessKey": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": (
                "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=SIGNATURE."
                " The signature is the base64 of HMAC-SHA256, under the access key, of the method,"
                " the path with the query, and the values of the three headers joined by semicolons,"
                " each of the three on a line. x-ms-content-sha256 is the base64 of the body's"
                " SHA-256. The official SDKs do all this from a connection string."
            ),
        },
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A token of the configured OpenID Connect issuer. Not a user's token.",
        },
    }
)


def _schemas(operations: Sequence[Described]) -> Node:
    shapes = [shape for one in operations for shape in (one.takes, one.answer) if shape is not None]
    _, components = msgspec.json.schema_components(shapes, ref_template=f"{SCHEMAS}{{name}}")
    schemas: Node = components
    return schemas


def _errors(one: Described) -> list[int]:
    return sorted({*ALWAYS, *one.errors, *(WITH_BODY if one.takes is not None else ())})


def _answer(one: Described) -> Node:
    made: Node = {
        "description": f"{HTTPStatus(one.status).phrase}.",
        "headers": {name: _header(says) for name, says in one.headers.items()} | _our_id(),
    }
    if one.answer is not None:
        schema = {"$ref": SCHEMAS + one.answer.__name__}
        made["content"] = {"application/json": {"schema": schema}}
    return made


def _parameter(one: Parameter) -> Node:
    return {
        "name": one.name,
        "in": one.place,
        "description": one.says,
        "schema": dict(one.schema),
    }


def _header(says: str) -> Node:
    return {"description": says, "schema": {"type": "string"}}


def _our_id() -> Node:
    return {"x-ms-request-id": _header("Our name for the request: tell it when you ask about it.")}


def _error(*, has_details: bool) -> Node:
    """The error envelope."""
    texts = {name: {"type": "string"} for name in ("code", "message", "target")}
    place = {"type": "object", "required": ["code", "message"], "properties": texts}
    details = {"details": {"type": "array", "items": place}} if has_details else {}
    told = {"type": "object", "required": ["code", "message"], "properties": texts | details}
    return {"type": "object", "required": ["error"], "properties": {"error": told}}
