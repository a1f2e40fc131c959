"""Holding bodies against what an API says of itself."""

from typing import Any

import httpx2
from jsonschema import Draft202012Validator

from openrooms.http.description import Described, Description, Node
from openrooms.http.routing import Api


def validator(description: Description, version: str, schema: Node) -> Draft202012Validator:
    """Judges by a schema of one version's document."""
    components = description.document(version)["components"]
    return Draft202012Validator(schema | {"components": components})


# Any: bodies, and parts of a document.
def taken(description: Description, version: str, one: Described) -> Draft202012Validator:
    """Judges what an operation takes."""
    body: Any = description.document(version)["paths"][one.path][one.method.lower()]["requestBody"]
    return validator(description, version, next(iter(body["content"].values()))["schema"])


def operation(description: Description, name: str) -> Described:
    return next(one for one in description.operations if one.id == name)


def hold(
    answer: httpx2.Response, description: Description, version: str, *, name: str
) -> httpx2.Response:
    """The answer, once it is sure that the operation's description foretells it."""
    document = description.document(version)
    one = operation(description, name)
    told = document["paths"][one.path][one.method.lower()]["responses"][str(answer.status_code)]
    if "$ref" in told:
        told = document["components"]["responses"][told["$ref"].rpartition("/")[2]]
    assert {header.lower() for header in told["headers"]} <= set(answer.headers)
    if "content" in told:
        kind, _, _ = answer.headers["content-type"].partition(";")
        schema = told["content"][kind]["schema"]
        validator(description, version, schema).validate(answer.json())
    else:
        assert answer.content == b""
    return answer


def operations_of(apis: tuple[Api, ...]) -> set[tuple[str, str, tuple[str, ...], bool, str]]:
    """What routes and descriptions must agree in, from the routes."""
    return {
        (one.method, one.path, tuple(sorted(one.media_types)), one.may_be_empty, one.since)
        for api in apis
        for one in api.operations
    }


def described(
    description: Description,
) -> set[tuple[str, str, tuple[str, ...], bool, str]]:
    """The same, from the description."""
    return {
        (one.method, one.path, tuple(sorted(one.media_types)), one.may_be_empty, one.since)
        for one in description.operations
    }
