"""What an API description says, as flat lines: the same for Swagger 2.0 and for OpenAPI 3.1.

A line is one fact, such as `POST /rooms 201 id: string required`. Two descriptions agree when they
come to the same lines, whatever their types are called and wherever those stand.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

# Any: a description is JSON of others, and is taken apart here.
Node: TypeAlias = Mapping[str, Any]
Resolve: TypeAlias = Callable[[str], Node]

METHODS = ("get", "put", "post", "patch", "delete")
# What a value is held to beside its type.
BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "default")
DEEPEST = 6


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one document; `foreign` finds what its references to other files name."""

    document: Node
    foreign: Resolve

    def lines(self) -> Iterator[str]:
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    shared = item.get("parameters", [])
                    name = f"{method.upper()} {_plain(path)}"
                    yield from self._operation(name, item[method], shared)

    def _operation(self, name: str, operation: Node, shared: list[Node]) -> Iterator[str]:
        yield name
        for one in [*shared, *operation.get("parameters", [])]:
            yield from self._parameter(name, self._whole(one))
        if any(self._whole(one)["in"] == "body" for one in operation.get("parameters", [])):
            kinds = operation.get("consumes", self.document.get("consumes", []))
            yield from (f"{name} body as {kind}" for kind in kinds)
        if "requestBody" in operation:
            body = operation["requestBody"]
            yield from (f"{name} body as {kind}" for kind in body["content"])
            yield from self._body(name, _schema(body), required=body.get("required", False))
        for status, answer in operation["responses"].items():
            told = self._whole(answer)
            yield f"{name} {status}"
            for header in told.get("headers", {}):
                yield f"{name} {status} header {header.lower()}"
            yield from self._schema(f"{name} {status}", told.get("schema") or _schema(told))

    def _parameter(self, name: str, parameter: Node) -> Iterator[str]:
        place, required = parameter["in"], " required" if parameter.get("required") else ""
        if place == "body":
            yield from self._body(name, parameter["schema"], required=bool(required))
        elif place != "path":
            yield f"{name} {place} {parameter['name'].lower()}{required}"

    def _body(self, name: str, schema: Node, *, required: bool) -> Iterator[str]:
        yield f"{name} body{' required' if required else ''}"
        yield from self._schema(f"{name} body", schema)

    def _schema(self, at: str, schema: Node | None, depth: int = 0) -> Iterator[str]:
        if not schema or depth > DEEPEST:
            return
        schema = self._without_null(schema)
        needed = set(schema.get("required", []))
        for name, inner in schema.get("properties", {}).items():
            mark = " required" if name in needed else ""
            if not (depth and name in {"details", "innererror"}):
                yield f"{at} {name}: {self._kind(inner)}{mark}"
                yield from (f"{at} {name}: {bound}" for bound in self._bounds(inner))
                yield from self._schema(f"{at} {name}", inner, depth + 1)
        for word, sign in (("items", "[]"), ("additionalProperties", "{}")):
            inner = schema.get(word)
            if isinstance(inner, Mapping) and "properties" in self._without_null(inner):
                yield from self._schema(f"{at}{sign}", inner, depth + 1)

    def _kind(self, schema: Node) -> str:
        plain = self._without_null(schema)
        if "enum" in plain:
            return f"one of {', '.join(sorted(v for v in plain['enum'] if v is not None))}"
        kinds = plain.get("type", "object")
        kind = kinds if isinstance(kinds, str) else next(k for k in kinds if k != "null")
        if kind == "array":
            return f"array of {self._kind(plain['items'])}"
        return f"{kind} ({plain['format']})" if "format" in plain else str(kind)

    def _bounds(self, schema: Node) -> Iterator[str]:
        plain = self._without_null(schema)
        # A default of null only says that a thing may be left out.
        return (f"{word} {plain[word]}" for word in BOUNDS if plain.get(word) is not None)

    def _without_null(self, schema: Node) -> Node:
        whole = self._whole(schema)
        for choice in whole.get("anyOf", []) or whole.get("allOf", []):
            if choice.get("type") != "null":
                return self._without_null(choice)
        return whole

    def _whole(self, node: Node) -> Node:
        while "$ref" in node:
            file, _, pointer = node["$ref"].partition("#")
            found: Any = self.foreign(file) if file else self.document
            for part in pointer.split("/")[1:]:
                found = found[part.replace("~1", "/").replace("~0", "~")]
            node = cast("Node", _moved(found, file)) if file else found
        return node


def facts_of(document: Node, foreign: Resolve | None = None) -> frozenset[str]:
    """Every fact of a description."""

    def nothing(file: str) -> Node:
        raise KeyError(file)

    return frozenset(_Reader(document, foreign or nothing).lines())


def _moved(node: object, file: str) -> object:
    """The part of another file, its references written as from here."""
    if isinstance(node, list):
        return [_moved(one, file) for one in node]
    if not isinstance(node, dict):
        return node
    moved = {name: _moved(inner, file) for name, inner in node.items()}
    reference = moved.get("$ref")
    if isinstance(reference, str) and reference.startswith("#"):
        moved["$ref"] = file + reference
    return moved


def _schema(holder: Node) -> Node:
    content = holder.get("content", {})
    return next((one.get("schema", {}) for one in content.values()), {})


def _plain(path: str) -> str:
    """The path without the names of its parameters, which differ and mean nothing on the wire."""
    return re.sub(r"\{[^}]*\}", "{}", path)
