"""Serving the server APIs: framing, signature, route, version, media type, body, in this order."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from openrooms.http.access import AccessLog, Visit
from openrooms.http.authentication import Authentication
from openrooms.http.bearer import BearerTokens, is_bearer
from openrooms.http.bodies import LARGEST_BODY, parse_media_type
from openrooms.http.errors import (
    BodyTooLarge,
    Denied,
    RouteNotFound,
    Unframed,
    UnsupportedMediaType,
    VersionUnsupported,
)
from openrooms.http.headers import Headers
from openrooms.http.problems import JSON_TEXT, ROOMS, Dialect, encode_problem, problem_of
from openrooms.http.quotas import Quotas, Shares
from openrooms.http.requests import Request
from openrooms.http.routing import Answer, Api, Incoming, Operation, Routes
from openrooms.kernel.coroutines import in_task
from openrooms.logs import correlation

REQUEST_ID = "x-ms-client-request-id"
LONGEST_REQUEST_ID = 128
MOST_PARAMETERS = 64
NO_CONTENT = 204
# Most queries name a version and nothing else.
LONGEST_KEPT_QUERY = 64
# Also of the form that proxies send.
_FIRST_SEGMENT = re.compile(rb"(?:https?://[^/]*)?/([^/?#]*)")


class Reply(msgspec.Struct):
    """An answer as it is sent. `lines` are its headers, each with the end of its line."""

    status: int
    lines: bytes
    body: bytes

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers as ASGI has them."""
        pairs = (line.partition(b": ") for line in self.lines.split(b"\r\n")[:-1])
        return [(name, value) for name, _, value in pairs]


class Apis:
    """The server APIs. Also an ASGI application, for what reaches them in another way."""

    def __init__(
        self,
        apis: Sequence[Api],
        authentication: Authentication,
        *,
        bearer: BearerTokens | None = None,
        access: AccessLog | None = None,
        quotas: Quotas | None = None,
    ) -> None:
        self._apis = {api.name: _Prepared(api) for api in apis}
        self._authentication = authentication
        self._bearer = bearer
        self._access = access or AccessLog()
        self._quotas = quotas or Quotas({})
        self._shares = Shares()

    def serve(self, path: str) -> bool:
        """Whether a request is to one of the APIs, by the first segment of its path."""
        return path[1:].partition("/")[0] in self._apis

    def dialect(self, target: bytes) -> Dialect:
        """How the API of a request target words its answers; also of one that is refused."""
        segment = _FIRST_SEGMENT.match(target)
        api = self._apis.get(segment[1].decode("latin-1")) if segment else None
        return ROOMS if api is None else api.dialect

    def meet(self, request: Request, client: tuple[str, int] | None) -> Visit:
        """The head of a request has come. `answer` or `leave` ends the visit."""
        return self._access.begin(client, _request_id(request.headers))

    def leave(self, visit: Visit) -> None:
        """The caller has gone before the whole request had come."""
        self._access.end(visit)

    async def answer(self, request: Request, visit: Visit) -> Reply:
        """Carry out a request that has come. One that names no key needs no reading of its body."""
        correlation.set(visit.id)
        api = self._apis.get(request.path[1:].partition("/")[0])
        try:
            if self._bearer is not None and is_bearer(request.headers.get("authorization", "")):
                await self._prove_bearer(self._bearer, request, visit)
            else:
                self._prove_key(request, visit)
            operation, incoming = self._admit(request, api, visit)
            # In a place of its resource's own.
            if not self._shares.enter(visit.resource_id):
                await self._shares.wait(visit.resource_id)
            try:
                answer = await operation.run(incoming)
            finally:
                self._shares.leave(visit.resource_id)
            return _reply(answer, api, visit)
        except Exception as error:  # noqa: BLE001 - the top of a request; `problem_of` logs
            return _refuse(error, api, visit)
        finally:
            self._access.end(visit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(
            scope["method"],
            _target(scope),
            scheme=scope["scheme"],
            headers=Headers(scope["headers"]),
        )
        visit = self.meet(request, scope.get("client"))
        scope["visit"] = visit
        if request.needs_body:
            try:
                request.body = await _read_body(receive)
            except ClientDisconnect:
                self.leave(visit)
                return
        reply = await self.answer(request, visit)
        start = {"status": reply.status, "headers": reply.headers}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": reply.body})

    def _prove_key(self, request: Request, visit: Visit) -> None:
        _check_body(request, visit)
        proof = self._authentication.prove(request)
        visit.resource_id, visit.signing_key = proof.resource_id, proof.key

    async def _prove_bearer(self, bearer: BearerTokens, request: Request, visit: Visit) -> None:
        _check_body(request, visit)
        # The issuer may have to be asked, within a time.
        await in_task()
        visit.resource_id = await bearer.prove(request.header("authorization"), request.host_name)
        visit.signing_key = "bearer"

    def _admit(
        self, request: Request, api: "_Prepared | None", visit: Visit
    ) -> tuple[Operation, Incoming]:
        """The operation that a proved request asks for, and what it is given."""
        if api is None:
            raise RouteNotFound
        operation, parts = api.routes.find(request.path, request.method)
        visit.operation = operation.name
        self._quotas.spend(visit.resource_id, operation.quota)
        query = parse_query(request.query)
        visit.version = version = api.versions.choose(query.versions) or ""
        if not version or version < operation.since:
            raise VersionUnsupported(request.uri, version or query.versions[0])
        if operation.media_types:
            _check_media_type(operation, request.headers, request.body)
        incoming = Incoming(
            visit.resource_id,
            request.method,
            request.path,
            version,
            parts,
            query.pairs,
            request.headers,
            request.body,
            visit.facts,
        )
        return operation, incoming


class _Prepared:
    """An API with all that is the same for each of its requests."""

    __slots__ = ("dialect", "routes", "told", "versions")

    def __init__(self, api: Api) -> None:
        self.dialect = api.dialect
        self.versions = api.versions
        self.routes = Routes(api.operations)
        self.told = "".join(_line(*one) for one in api.versions.headers.items())


class Query(NamedTuple):
    """The parameters of a query, in order, and what its `api-version` asks for."""

    pairs: Sequence[tuple[str, str]]
    versions: Sequence[str]


def parse_query(query: str) -> Query:
    """Raises `Unframed` when the parameters are too many, or no text."""
    return _known_query(query) if len(query) <= LONGEST_KEPT_QUERY else _new_query(query)


def _new_query(query: str) -> Query:
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS
        )
    except ValueError as error:
        raise Unframed from error
    return Query(pairs, [value for name, value in pairs if name.lower() == "api-version"])


_known_query = lru_cache(maxsize=256)(_new_query)


def _reply(answer: Answer, api: "_Prepared | None", visit: Visit, *, told: bool = True) -> Reply:
    """An answer in the words of its API. `told`: whether its versions are."""
    dialect, body = ROOMS if api is None else api.dialect, answer.body
    lines = api.told if told and api is not None else ""
    for name, value in answer.headers.items():
        lines += _line(name, value)
    if answer.status != NO_CONTENT:
        lines += f"content-length: {len(body)}\r\n"
    if body:
        lines += f"content-type: {JSON_TEXT if answer.status < 400 else dialect.error_type}\r\n"
    lines += f"x-ms-request-id: {visit.id}\r\n"
    if dialect.echoes_request_id and visit.client_request_id:
        lines += f"{REQUEST_ID}: {visit.client_request_id}\r\n"
    visit.status, visit.bytes_out = answer.status, len(body)
    return Reply(answer.status, lines.encode("latin-1"), body)


def _line(name: str, value: str) -> str:
    return f"{name.lower()}: {value}\r\n"


def _refuse(error: Exception, api: "_Prepared | None", visit: Visit) -> Reply:
    dialect = ROOMS if api is None else api.dialect
    problem = problem_of(error, dialect)
    visit.error_code = problem.code
    if isinstance(error, Denied):
        visit.reason = error.reason
    headers = dict(problem.headers)
    if dialect.code_in_header:
        headers["x-ms-error-code"] = problem.code
    # Hosted service: what comes before the action does not tell versions.
    told = not (problem.unbound or isinstance(error, Denied))
    return _reply(Answer(problem.status, encode_problem(problem), headers), api, visit, told=told)


async def _read_body(receive: Receive) -> bytes:
    """The server's connections bound its size."""
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _check_body(request: Request, visit: Visit) -> None:
    if not request.needs_body:
        raise Denied("no credential")
    if len(request.body) > LARGEST_BODY:
        raise BodyTooLarge
    visit.bytes_in = len(request.body)


def _check_media_type(operation: Operation, headers: Headers, body: bytes) -> None:
    if operation.may_be_empty and not body:
        return
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType
    if headers.get("content-type") in operation.media_types:
        return
    if parse_media_type(headers.get("content-type")) not in operation.media_types:
        raise UnsupportedMediaType


def _request_id(headers: Headers) -> str:
    sent = headers.get(REQUEST_ID, "")
    if not (sent.isascii() and sent.isprintable()):
        sent = "".join(sign for sign in sent if sign.isascii() and sign.isprintable())
    return sent[:LONGEST_REQUEST_ID]


def _target(scope: Scope) -> str:
    path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    target = path + b"?" + query if query else path
    return target.decode("ascii", "surrogateescape")
