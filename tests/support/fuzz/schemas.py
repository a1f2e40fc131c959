"""Requests made from a description of an API, ours or a published one: each of its operations."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from jsonschema import Draft202012Validator

from support.fuzz.shapes import JSON_VALUES, MOMENTS, RAW_IDS, ROOM_IDS, TEXTS, quoted
from support.inputs.rows import Request

VERBS = ("get", "post", "put", "patch", "delete")
DEEPEST = 6
# What a description calls a text and a server knows more about.
KNOWN = {"roomId": ROOM_IDS, "id": RAW_IDS, "date-time": MOMENTS, "uuid": st.uuids().map(str)}
NEVER_HIT = {"<room>": "<gone_room>", "<user>": "<gone_user>", "<other>": "<gone_user>"}


@dataclass(frozen=True, slots=True)
class Described:
    """One operation of a description, with all of it for what its parts refer to."""

    name: str
    method: str
    path: str
    version: str
    operation: Mapping[str, Any]
    whole: Mapping[str, Any]

    def requests(self) -> SearchStrategy[Request]:
        return _requests(self)

    def answers(self, status: int) -> Draft202012Validator | None:
        """What an answer with that status must look like, as far as the description says it."""
        responses = self.operation["responses"]
        told = resolved(responses.get(str(status), responses.get("default", {})), self.whole)
        content = told.get("content", {}).get("application/json", {})
        # Published descriptions are of the older kind, Swagger.
        schema = content.get("schema", told.get("schema"))
        if schema is None:
            return None
        parts = {name: self.whole.get(name, {}) for name in ("components", "definitions")}
        return Draft202012Validator(_closed({**schema, **parts}))

    def tells(self, status: int) -> bool:
        """Whether the description has a word for such an answer."""
        return not {str(status), "default"}.isdisjoint(self.operation["responses"])


def described(folder: Path) -> Iterator[Described]:
    """Every operation of every description in a folder."""
    for file in sorted(folder.rglob("*.json")):
        whole = json.loads(file.read_text())
        if "paths" not in whole:
            continue
        version = str(whole["info"]["version"])
        for path, verbs in whole["paths"].items():
            for verb in VERBS:
                if verb in verbs:
                    shared = verbs.get("parameters", [])
                    operation = {
                        **verbs[verb],
                        "parameters": [*shared, *verbs[verb].get("parameters", [])],
                    }
                    name = f"{verb.upper()} {path} {version}"
                    yield Described(name, verb.upper(), path, version, operation, whole)


def resolved(part: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference inside a description refers to; one that leads out of it stands for anything."""
    reference = part.get("$ref")
    if reference is None:
        return part
    if not reference.startswith("#/"):
        return {}
    found: Any = whole
    for name in reference[2:].split("/"):
        found = found[name]
    return resolved(found, whole)


# Any: a description is JSON of many kinds.
def _closed(part: Any) -> Any:  # noqa: ANN401
    """The same without what leads out of it."""
    if isinstance(part, list):
        return [_closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    if not str(part.get("$ref", "#/")).startswith("#/"):
        return {}
    return {name: _closed(one) for name, one in part.items()}


@st.composite
def _requests(draw: st.DrawFn, one: Described) -> Request:
    path, query, headers = one.path, [f"api-version={one.version}"], list[tuple[str, str]]()
    body, kind = b"", ""
    for given in one.operation["parameters"]:
        parameter = resolved(given, one.whole)
        match parameter.get("in"):
            case "path":
                name = parameter["name"]
                text = quoted(str(draw(KNOWN.get(name, TEXTS))))
                if one.method == "DELETE" or "revoke" in path:
                    text = NEVER_HIT.get(text, text)
                path = path.replace("{" + name + "}", text)
            case "query" if parameter["name"] != "api-version" and draw(st.booleans()):
                query.append(f"{parameter['name']}={draw(st.text('aZ0-_', max_size=9))}")
            case "body":
                kind, body = "application/json", _octets(draw, parameter["schema"], one.whole)
            case _:
                pass
    asked = one.operation.get("requestBody")
    if asked is not None:
        content = resolved(asked, one.whole)["content"]
        kind = next(iter(content))
        body = _octets(draw, content[kind]["schema"], one.whole)
    if kind:
        headers.append(("Content-Type", draw(st.sampled_from([_type_of(one, kind), kind]))))
    return Request(one.method, f"{path}?{'&'.join(query)}", body, tuple(headers))


def _type_of(one: Described, kind: str) -> str:
    consumes = one.operation.get("consumes", one.whole.get("consumes", [kind]))
    return str(consumes[0])


def _octets(draw: st.DrawFn, schema: Mapping[str, Any], whole: Mapping[str, Any]) -> bytes:
    return json.dumps(draw(_values(schema, whole, DEEPEST))).encode()


def _values(schema: Mapping[str, Any], whole: Mapping[str, Any], depth: int) -> SearchStrategy[Any]:
    """Values as a schema says, now and then something else."""
    schema = resolved(schema, whole)
    fitting = _fitting(schema, whole, depth)
    return st.integers(0, 9).flatmap(lambda dice: JSON_VALUES if dice == 0 else fitting)


def _fitting(
    schema: Mapping[str, Any], whole: Mapping[str, Any], depth: int
) -> SearchStrategy[Any]:
    for choice in ("anyOf", "oneOf", "allOf"):
        if schema.get(choice):
            return st.one_of(*(_values(one, whole, depth) for one in schema[choice]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if depth == 0:
        return JSON_VALUES
    kinds = schema.get("type", "object" if "properties" in schema else None)
    kind = kinds[0] if isinstance(kinds, list) and kinds else kinds
    match kind:
        case "object":
            named = {
                name: _values(one, whole, depth - 1)
                for name, one in schema.get("properties", {}).items()
            }
            extra = schema.get("additionalProperties")
            if isinstance(extra, Mapping):
                return st.dictionaries(
                    RAW_IDS, st.none() | _values(extra, whole, depth - 1), max_size=4
                )
            return st.fixed_dictionaries({}, optional=named)
        case "array":
            return st.lists(_values(schema.get("items", {}), whole, depth - 1), max_size=4)
        case "boolean":
            return st.booleans()
        case "integer" | "number":
            low, high = schema.get("minimum", -(2**40)), schema.get("maximum", 2**40)
            return st.integers(low - 1, high + 1)
        case "string":
            return KNOWN.get(schema.get("format", ""), TEXTS)
        case _:
            return JSON_VALUES
