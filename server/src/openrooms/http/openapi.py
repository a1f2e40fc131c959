"""The descriptions of the APIs, handed out to anyone under `/openapi`."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from openrooms.http.description import Description

INDEX = "/openapi"
DOCUMENT = f"{INDEX}/{{api}}/{{version}}.json"
METHODS = ["GET", "HEAD"]


def encode_document(document: object) -> bytes:
    """A document as it is kept and handed out: sorted, so that it changes only where it must."""
    text = msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=2)
    return text + b"\n"


class Descriptions:
    """The documents of some APIs. Each is written when it is first asked for."""

    def __init__(self, apis: Sequence[Description]) -> None:
        self._apis = {api.name: api for api in apis}
        self._write = lru_cache(maxsize=None)(self._encoded)

    @property
    def routes(self) -> list[Route]:
        return [
            Route(INDEX, self._list, methods=METHODS),
            Route(DOCUMENT, self._tell, methods=METHODS),
        ]

    def documents(self) -> Iterator[tuple[str, bytes]]:
        """Every document, with its path below `/openapi/`."""
        for name, api in self._apis.items():
            for version in api.versions.supported:
                yield f"{name}/{version}.json", self._encoded(name, version)

    async def _list(self, request: Request) -> Response:
        apis = [
            {"name": name, "title": api.title, "versions": _links(api)}
            for name, api in self._apis.items()
        ]
        return _answer(request, encode_document({"apis": apis}))

    async def _tell(self, request: Request) -> Response:
        name, version = request.path_params["api"], request.path_params["version"]
        api = self._apis.get(name)
        if api is None or version not in api.versions.supported:
            return Response(f"No such description. All of them: {INDEX}\n", 404)
        return _answer(request, self._write(name, version))

    def _encoded(self, name: str, version: str) -> bytes:
        return encode_document(self._apis[name].document(version))


def _links(api: Description) -> Mapping[str, str]:
    return {
        version: DOCUMENT.format(api=api.name, version=version)
        for version in api.versions.supported
    }


def _answer(request: Request, body: bytes) -> Response:
    tag = f'"{hashlib.sha256(body).hexdigest()}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "no-cache",
        # Tools that show descriptions run in pages of elsewhere; nothing secret is said.
        "Access-Control-Allow-Origin": "*",
        "X-Content-Type-Options": "nosniff",
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    return Response(body, 200, headers, "application/json")
