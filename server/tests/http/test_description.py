"""An API's operations and shapes, as an OpenAPI document of each version."""

import msgspec
import pytest
from tests.http.held import operation

from openrooms.http.description import Described, Description, Node, Parameter
from openrooms.http.versions import Versions


class Wish(msgspec.Struct):
    """What is asked for."""

    colour: str
    size: int | None = None


class Thing(msgspec.Struct):
    """What is made of it."""

    id: str
    wish: Wish


def without_size(version: str, schemas: Node) -> None:
    if version == "1":
        del schemas["Wish"]["properties"]["size"]


MAKE = Described(
    method="POST",
    path="/things",
    id="Make",
    says="Make a thing.",
    status=201,
    takes=Wish,
    media_types=("application/json",),
    answer=Thing,
    parameters=(Parameter("Hurry", "header", "Whether it is urgent."),),
    headers={"Location": "Where it is."},
    errors=(409,),
)
LOSE = Described(
    method="DELETE", path="/things/{thingId}", id="Lose", says="Lose it.", status=204, since="2"
)
THINGS = Description(
    name="things",
    title="Things",
    says="Some things.",
    versions=Versions(("1", "2")),
    operations=(MAKE, LOSE),
    parts={"thingId": "Which thing."},
    error_headers={"x-why": "Why."},
    adapt=without_size,
)


def test_an_operation_is_in_the_versions_since_it_came() -> None:
    assert list(THINGS.document("1")["paths"]) == ["/things"]
    assert list(THINGS.document("2")["paths"]) == ["/things", "/things/{thingId}"]


def test_a_document_names_its_version_and_asks_for_it() -> None:
    document = THINGS.document("2")

    shared = document["paths"]["/things"]["parameters"]
    assert document["openapi"] == "3.1.0"
    assert document["info"] == {"title": "Things", "description": "Some things.", "version": "2"}
    assert [one["schema"] for one in shared if one["name"] == "api-version"] == [
        {"type": "string", "enum": ["2"]}
    ]


def test_what_stands_in_a_path_is_required() -> None:
    shared = THINGS.document("2")["paths"]["/things/{thingId}"]["parameters"]

    assert [(one["in"], one["required"]) for one in shared if one["name"] == "thingId"] == [
        ("path", True)
    ]


def test_shapes_are_those_of_the_wire_types_less_what_a_version_lacks() -> None:
    first, second = (
        THINGS.document(version)["components"]["schemas"]["Wish"] for version in ("1", "2")
    )

    assert list(first["properties"]) == ["colour"]
    assert list(second["properties"]) == ["colour", "size"]
    assert second["required"] == ["colour"]


def test_a_body_is_required_unless_it_may_be_empty() -> None:
    body = THINGS.document("1")["paths"]["/things"]["post"]["requestBody"]

    assert body["required"] is True
    assert body["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Wish"}


def test_an_answer_has_its_shape_and_its_headers() -> None:
    answers = THINGS.document("2")["paths"]

    made = answers["/things"]["post"]["responses"]["201"]
    assert made["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Thing"}
    assert set(made["headers"]) == {"Location", "x-ms-request-id"}
    assert "content" not in answers["/things/{thingId}"]["delete"]["responses"]["204"]


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("Make", ["201", "400", "401", "409", "413", "415", "429", "503", "default"]),
        ("Lose", ["204", "400", "401", "429", "503", "default"]),
    ],
)
def test_every_error_that_there_can_be_is_named(name: str, statuses: list[str]) -> None:
    one = operation(THINGS, name)

    described = THINGS.document("2")["paths"][one.path][one.method.lower()]

    assert list(described["responses"]) == statuses


def test_an_error_says_when_to_try_again_where_that_helps() -> None:
    responses = THINGS.document("2")["components"]["responses"]

    assert set(responses["Error503"]["headers"]) == {"x-why", "Retry-After", "x-ms-request-id"}
    assert set(responses["Error400"]["headers"]) == {"x-why", "x-ms-request-id"}


def test_an_api_without_details_describes_none() -> None:
    plain = Description(
        name="plain",
        title="Plain",
        says="Plain.",
        versions=Versions(("1",)),
        operations=(),
        parts={},
        has_details=False,
    )

    described = [
        api.document("1")["components"]["schemas"]["ErrorResponse"]["properties"]["error"]
        for api in (THINGS, plain)
    ]

    assert ["details" in one["properties"] for one in described] == [True, False]
