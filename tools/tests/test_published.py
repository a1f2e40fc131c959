"""Our descriptions agree with the published ones, but for what is listed with its reason."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from openrooms.http.description import Description
from tools import published
from tools.description_facts import facts_of
from tools.published import COMMON, apis, compare, main, read_table, stale, write_table

VERSIONS = [(api, version) for api in apis() for version in api.versions.supported]
SWAGGER = {
    "swagger": "2.0",
    "paths": {
        "/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "type": "string"}],
            "post": {
                "consumes": ["application/json"],
                "parameters": [
                    {"$ref": "common.json#/parameters/Version"},
                    {
                        "name": "body",
                        "in": "body",
                        "required": True,
                        "schema": {"$ref": "#/definitions/Wish"},
                    },
                ],
                "responses": {
                    "201": {"headers": {"Location": {}}, "schema": {"$ref": "#/definitions/Thing"}},
                    "default": {"schema": {"$ref": "common.json#/definitions/Trouble"}},
                },
            },
        }
    },
    "definitions": {
        "Wish": {
            "type": "object",
            "required": ["size"],
            "properties": {
                "size": {"type": "integer", "format": "int32", "minimum": 1, "default": 0},
                "tags": {"type": "array", "items": {"type": "string", "enum": ["b", "a"]}},
                "parts": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {"since": {"type": "string"}},
                    },
                },
            },
        },
        "Thing": {"allOf": [{"$ref": "#/definitions/Wish"}]},
    },
}
COMMON_PART = {
    "parameters": {"Version": {"name": "api-version", "in": "query", "required": True}},
    "definitions": {
        "Trouble": {"type": "object", "properties": {"error": {"$ref": "#/definitions/Error"}}},
        "Error": {"type": "object", "properties": {"code": {"type": "string"}}},
    },
}
MODERN = {
    "openapi": "3.1.0",
    "paths": {
        "/things/{thingId}": {
            "post": {
                "parameters": [{"name": "api-version", "in": "query", "required": True}],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["size"],
                                "properties": {
                                    "size": {
                                        "type": ["integer", "null"],
                                        "format": "int32",
                                        "minimum": 1,
                                        "default": 0,
                                    },
                                    "tags": {"type": "array", "items": {"enum": ["a", "b"]}},
                                    "parts": {
                                        "anyOf": [
                                            {
                                                "type": "object",
                                                "additionalProperties": {
                                                    "type": "object",
                                                    "properties": {"since": {"type": "string"}},
                                                },
                                            },
                                            {"type": "null"},
                                        ]
                                    },
                                },
                            }
                        }
                    },
                },
                "responses": {"204": {"description": "Done."}},
            }
        }
    },
}


def test_both_kinds_of_description_come_to_the_same_facts() -> None:
    old = facts_of(SWAGGER, lambda _file: COMMON_PART)
    new = facts_of(MODERN)

    asked = {fact for fact in old if fact.split(" ")[2:3] in ([], ["body"], ["query"])}
    assert asked | {"POST /things/{} 204"} == new
    assert "POST /things/{} body tags: array of one of a, b" in new
    assert "POST /things/{} body parts{} since: string" in new
    assert {
        "POST /things/{} body as application/json",
        "POST /things/{} body size: minimum 1",
    } < new
    assert "POST /things/{} body size: default 0" in new


def test_facts_behind_references_to_another_file_are_found() -> None:
    facts = facts_of(SWAGGER, lambda _file: COMMON_PART)

    assert "POST /things/{} default error code: string" in facts
    assert "POST /things/{} 201 header location" in facts
    assert "POST /things/{} 201 size: integer (int32) required" in facts


@pytest.mark.parametrize(("api", "version"), VERSIONS)
def test_our_description_agrees_with_what_is_published(api: Description, version: str) -> None:
    found = compare(api, version, read_table(api.name)[version])

    assert found.unexplained == []
    assert found.agreed > 40


def test_every_difference_is_one() -> None:
    found = [compare(api, version, read_table(api.name)[version]) for api, version in VERSIONS]

    assert list(stale(found)) == []


def test_a_difference_that_nobody_listed_is_told() -> None:
    api, version = VERSIONS[0]
    theirs = read_table(api.name)[version]
    known = "GET /rooms 200 value[] id: string required"

    found = compare(api, version, theirs - {known} | {"GET /rooms 200 value[] id: integer"})

    assert found.unexplained == [
        f"ours only: {known}",
        "theirs only: GET /rooms 200 value[] id: integer",
    ]


def test_a_difference_that_is_none_any_more_is_told() -> None:
    assert len(list(stale([]))) == len(published.differences())


def test_a_table_is_read_as_it_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts: Mapping[str, frozenset[str]] = {
        "1": frozenset({"a", "b c"}),
        "2": frozenset({"b c", "d"}),
        "3": frozenset({"b c", "d"}),
    }
    monkeypatch.setattr(published, "FOLDER", tmp_path)

    (tmp_path / "things.txt").write_text(write_table(facts))

    assert read_table("things") == facts


def test_a_folder_without_the_published_files_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 2
    assert "make specs SPECS=FOLDER" in capsys.readouterr().out


def test_files_that_say_something_else_than_the_table_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = tmp_path / COMMON
    for api, version in VERSIONS:
        (tmp_path / api.name).mkdir(exist_ok=True)
        (tmp_path / api.name / f"{version}.json").write_text(json.dumps({"paths": {}}))
    common.write_text("{}")

    assert main([str(tmp_path)]) == 1
    assert "specs/published/rooms.txt is not what is published" in capsys.readouterr().out
