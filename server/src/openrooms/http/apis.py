"""Serving the server APIs: framing, signature, route, version, media type, body, in this order."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from openrooms.http.access import AccessLog, Visit
from openrooms.http.authentication import Authentication, SignedRequest
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
from openrooms.http.routing import Answer, Api, Incoming, Operation, Routes

REQUEST_ID = "x-ms-client-request-id"
OUR_REQUEST_ID = b"x-ms-request-id"
LONGEST_REQUEST_ID = 128
MOST_PARAMETERS = 64
NO_CONTENT = 204
# Most queries name a version and nothing else.
LONGEST_KEPT_QUERY = 64


class Apis:
    """The server APIs as one ASGI application."""

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

    def serve(self, scope: Scope) -> bool:
        """Whether a request is for one of the APIs, by the first segment of its path."""
        return scope["type"] == "http" and _first_segment(_path(scope)) in self._apis

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = _Request(scope)
        api = self._apis.get(_first_segment(request.path))
        visit = self._access.begin(scope.get("client"), _request_id(request.headers))
        scope["visit"] = visit
        try:
            try:
                answer = await self._carry_out(request, api, visit, receive=receive)
            except ClientDisconnect:
                return
            except Exception as error:  # noqa: BLE001 - the top of a request; `problem_of` logs
                answer = _refuse(error, api, visit)
            await _send(answer, api, visit, send=send)
        finally:
            self._access.end(visit)

    async def _carry_out(
        self, request: "_Request", api: "_Prepared | None", visit: Visit, *, receive: Receive
    ) -> Answer:
        # A request that names no key needs no reading of its body.
        if "authorization" not in request.headers:
            raise Denied("no credential")
        body = await _read_body(receive)
        visit.bytes_in = len(body)
        visit.resource_id = await self._prove(request.signed(body))
        if api is None:
            raise RouteNotFound
        operation, parts = api.routes.find(request.path, request.method)
        visit.operation = operation.name
        self._quotas.spend(visit.resource_id, operation.quota)
        query = parse_query(request.query)
        visit.version = api.versions.choose(query.versions, request.uri)
        if visit.version < operation.since:
            raise VersionUnsupported(request.uri, visit.version)
        _check_media_type(operation, request.headers, body)
        incoming = Incoming(
            resource_id=visit.resource_id,
            method=request.method,
            path=request.path,
            version=visit.version,
            parts=parts,
            query=query.pairs,
            headers=request.headers,
            body=body,
            facts=visit.facts,
        )
        # In a place of its resource's own.
        if not self._shares.enter(visit.resource_id):
            await self._shares.wait(visit.resource_id)
        try:
            answer = await operation.run(incoming)
        finally:
            self._shares.leave(visit.resource_id)
        return Answer(answer.status, answer.body, {**api.told, **answer.headers})

    async def _prove(self, signed: SignedRequest) -> str:
        """Whose request it is."""
        if self._bearer is not None and is_bearer(signed.headers["authorization"]):
            return await self._bearer.prove(signed.header("authorization"), signed.host_name)
        return self._authentication.prove(signed)


class _Prepared:
    """An API with all that is the same for each of its requests."""

    __slots__ = ("dialect", "routes", "told", "versions")

    def __init__(self, api: Api) -> None:
        self.dialect = api.dialect
        self.versions = api.versions
        self.routes = Routes(api.operations)
        self.told = api.versions.headers


class _Request:
    """The head of a request."""

    __slots__ = ("headers", "method", "path", "query", "scheme")

    def __init__(self, scope: Scope) -> None:
        self.method: str = scope["method"]
        self.scheme: str = scope["scheme"]
        self.path = _path(scope)
        self.query: bytes = scope["query_string"]
        self.headers = Headers(scope["headers"])

    @property
    def uri(self) -> str:
        return f"{self.scheme}://{self.headers.get('host', '')}{self.path}"

    def signed(self, body: bytes) -> SignedRequest:
        """What a signature of the request is about."""
        query = self.query.decode("ascii", "surrogateescape")
        return SignedRequest(
            method=self.method,
            target=f"{self.path}?{query}" if query else self.path,
            scheme=self.scheme,
            headers=self.headers,
            body=body,
        )


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of a query, in order, and what its `api-version` asks for."""

    pairs: Sequence[tuple[str, str]]
    versions: Sequence[str]


def parse_query(query: bytes) -> Query:
    """Raises `Unframed` when the parameters are too many, or no text."""
    return _known_query(query) if len(query) <= LONGEST_KEPT_QUERY else _new_query(query)


def _new_query(query: bytes) -> Query:
    try:
        pairs = parse_qsl(
            query.decode("ascii", "surrogateescape"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError as error:
        raise Unframed from error
    return Query(pairs, [value for name, value in pairs if name.lower() == "api-version"])


_known_query = lru_cache(maxsize=256)(_new_query)


def _refuse(error: Exception, api: _Prepared | None, visit: Visit) -> Answer:
    dialect = _dialect(api)
    problem = problem_of(error, dialect)
    visit.error_code = problem.code
    if isinstance(error, Denied):
        visit.reason = error.reason
    headers = dict(problem.headers)
    if dialect.code_in_header:
        headers["x-ms-error-code"] = problem.code
    # Hosted service: what comes before the action does not tell versions.
    if api is not None and not (problem.unbound or isinstance(error, Denied)):
        headers |= api.told
    return Answer(problem.status, encode_problem(problem), headers)


async def _send(answer: Answer, api: _Prepared | None, visit: Visit, *, send: Send) -> None:
    dialect, body = _dialect(api), answer.body
    headers = [
        (_header_name(name), value.encode("latin-1")) for name, value in answer.headers.items()
    ]
    if answer.status != NO_CONTENT:
        headers.append((b"content-length", b"%d" % len(body)))
    if body:
        kind = JSON_TEXT if answer.status < 400 else dialect.error_type
        headers.append((b"content-type", kind.encode("latin-1")))
    headers.append((OUR_REQUEST_ID, visit.id.encode("latin-1")))
    if dialect.echoes_request_id and visit.client_request_id:
        headers.append((REQUEST_ID.encode("latin-1"), visit.client_request_id.encode("latin-1")))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
    visit.status, visit.bytes_out = answer.status, len(body)


# There are as many as we write.
@cache
def _header_name(name: str) -> bytes:
    return name.lower().encode("latin-1")


def _dialect(api: _Prepared | None) -> Dialect:
    return ROOMS if api is None else api.dialect


async def _read_body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part: bytes = message.get("body", b"")
        parts.append(part)
        size += len(part)
        if size > LARGEST_BODY:
            raise BodyTooLarge
        more = message.get("more_body", False)
    return b"".join(parts)


def _check_media_type(operation: Operation, headers: Headers, body: bytes) -> None:
    if not operation.media_types or (operation.may_be_empty and not body):
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


def _path(scope: Scope) -> str:
    raw: bytes = scope["raw_path"]
    return raw.decode("ascii", "surrogateescape")


def _first_segment(path: str) -> str:
    return path[1:].partition("/")[0]
