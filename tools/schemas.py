"""Writes specs/ from the wire types: a JSON Schema for each message of the agent socket, and the
OpenAPI document of each version of the server APIs.
"""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from openrooms.calling import request_wire, wire
from openrooms.http.openapi import Descriptions
from openrooms.identity.description import description as identity_description
from openrooms.own_api import own_description
from openrooms.rooms.description import description as rooms_description

FOLDER = Path(__file__).parent.parent / "specs"
ANSWERS: dict[str, type[msgspec.Struct]] = {
    "hello": wire.Welcome,
    "refreshToken": wire.Refreshed,
    "ping": wire.Done,
    "goodbye": wire.Done,
    "join": wire.Joined,
    "leave": wire.Done,
    "start": wire.Joined,
    "accept": wire.Joined,
    "reject": wire.Done,
    "add": wire.Done,
    "remove": wire.Done,
    "end": wire.Done,
    "mute": wire.Done,
    "raiseHand": wire.Done,
    "lowerHands": wire.Done,
    "spotlight": wire.Done,
    "react": wire.Done,
    "diagnose": wire.Done,
    "mediaAccess": wire.Done,
    "hold": wire.Done,
    "name": wire.Named,
    "sendData": wire.Done,
    "closeData": wire.Done,
    "sendText": wire.Done,
    "survey": wire.Done,
}


def schemas() -> dict[str, dict[str, Any]]:
    """File name to schema. A message's constant (its op, its event) is part of the schema."""
    made: dict[str, dict[str, Any]] = {}
    for op, shape in request_wire.OPS.items():
        made[f"request.{op}.json"] = _described(shape, f"{op}, up", {"op": op})
        made[f"answer.{op}.json"] = _answer(op, ANSWERS[op])
    for event in wire.EVENTS:
        made[f"event.{event.name}.json"] = _described(event, event.name, {"event": event.name})
    made["answer.error.json"] = _answer("any request that was not done", wire.Problem, key="error")
    return made


def _answer(what: str, shape: type[msgspec.Struct], key: str = "ok") -> dict[str, Any]:
    return _head(f"The answer to {what}.") | {
        "type": "object",
        "properties": {"id": {"type": "integer"}, key: {"$ref": f"#/$defs/{shape.__name__}"}},
        "required": ["id", key],
        "$defs": _definitions(shape),
    }


def _described(
    shape: type[msgspec.Struct], title: str, constants: dict[str, str]
) -> dict[str, Any]:
    definitions = _definitions(shape)
    own: dict[str, Any] = definitions.pop(shape.__name__)
    for name, value in constants.items():
        own["properties"][name] = {"const": value}
        own["required"] = sorted({*own.get("required", []), name})
    return _head(title) | own | ({"$defs": definitions} if definitions else {})


def _definitions(shape: type[msgspec.Struct]) -> dict[str, Any]:
    _, components = msgspec.json.schema_components([shape], ref_template="#/$defs/{name}")
    definitions: dict[str, Any] = components
    return definitions


def _head(title: str) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}


def files() -> dict[str, bytes]:
    """Every file, by its path in specs/."""
    documents = Descriptions(
        [rooms_description(), own_description(), identity_description()]
    ).documents()
    messages = {
        f"calling/{name}": (json.dumps(schema, indent=2, sort_keys=True) + "\n").encode()
        for name, schema in schemas().items()
    }
    return messages | dict(documents)


def main() -> int:
    """Write every file; with --check, only say which differ."""
    differ = 0
    for name, content in files().items():
        path = FOLDER / name
        if path.exists() and path.read_bytes() == content:
            continue
        differ += 1
        if "--check" in sys.argv:
            print(f"specs/{name} does not say what the wire types say: run `make schemas`")
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
    return 1 if differ and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
