"""Serving the server APIs: framing, signature, route, version, media type, body, in this order."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias
from urllib.parse import parse_qsl

import structlog
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from openrooms.http.authentication import Authentication, SignedRequest
from openrooms.http.bodies import LARGEST_BODY, parse_media_type
from openrooms.http.errors import (
    BodyTooLarge,
    Denied,
    MethodNotAllowed,
    RouteNotFound,
    Unframed,
    UnsupportedMediaType,
    VersionUnsupported,
)
from openrooms.http.problems import JSON_TEXT, ROOMS, Dialect, encode_problem, problem_of
from openrooms.http.routing import Answer, Api, Incoming, Operation, fit, split_path

log = structlog.get_logger(__name__)

REQUEST_ID = "x-ms-client-request-id"
LONGEST_REQUEST_ID = 128
MOST_PARAMETERS = 64

Query: TypeAlias = Sequence[tuple[str, str]]


class Apis:
    """The server APIs as one ASGI application."""

    def __init__(self, apis: Sequence[Api], authentication: Authentication) -> None:
        self._apis = {api.name: api for api in apis}
        self._authentication = authentication

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        api = self._apis.get(_path(request)[1:].partition("/")[0])
        try:
            answer = await self._carry_out(request, api)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - the top of a request; `problem_of` logs
            answer = _refuse(error, request, api)
        await _send(answer, request, api)(scope, receive, send)

    async def _carry_out(self, request: Request, api: Api | None) -> Answer:
        # A request that names no key needs no reading of its body.
        if "authorization" not in request.headers:
            raise Denied("no credential")
        body = await _read_body(request)
        resource_id = self._authentication.prove(_signed(request, body))
        if api is None:
            raise RouteNotFound
        operation, parts = _find(api, request)
        query = _parse_query(request)
        version = api.versions.choose(_asked_versions(query), _uri(request))
        if version < operation.since:
            raise VersionUnsupported(_uri(request), version)
        _check_media_type(operation, request.headers, body)
        incoming = Incoming(
            resource_id=resource_id,
            method=request.method,
            path=_path(request),
            version=version,
            parts=parts,
            query=query,
            headers=_joined(request.headers),
            body=body,
        )
        answer = await operation.run(incoming)
        return Answer(answer.status, answer.body, {**api.versions.headers, **answer.headers})


def _refuse(error: Exception, request: Request, api: Api | None) -> Answer:
    if isinstance(error, Denied):
        log.info("request_denied", reason=error.reason, request=_request_id(request.headers))
    dialect = _dialect(api)
    problem = problem_of(error, dialect)
    headers = dict(problem.headers)
    if dialect.code_in_header:
        headers["x-ms-error-code"] = problem.code
    # Hosted service: what comes before the action does not tell versions.
    if api is not None and not (problem.unbound or isinstance(error, Denied)):
        headers |= api.versions.headers
    return Answer(problem.status, encode_problem(problem), headers)


def _send(answer: Answer, request: Request, api: Api | None) -> Response:
    dialect = _dialect(api)
    response = Response(answer.body, answer.status, dict(answer.headers))
    if answer.body:
        fine = answer.status < 400
        response.headers["Content-Type"] = JSON_TEXT if fine else dialect.error_type
    if dialect.echoes_request_id:
        request_id = _request_id(request.headers)
        if request_id:
            response.headers[REQUEST_ID] = request_id
    return response


def _dialect(api: Api | None) -> Dialect:
    return ROOMS if api is None else api.dialect


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise BodyTooLarge
    return bytes(body)


def _signed(request: Request, body: bytes) -> SignedRequest:
    headers: dict[str, list[str]] = {}
    for name, value in request.headers.items():
        headers.setdefault(name, []).append(value)
    query = request.scope["query_string"].decode("ascii", "surrogateescape")
    return SignedRequest(
        method=request.method,
        target=f"{_path(request)}?{query}" if query else _path(request),
        scheme=request.scope["scheme"],
        headers=headers,
        body=body,
    )


def _find(api: Api, request: Request) -> tuple[Operation, dict[str, str]]:
    segments = split_path(_path(request))
    if segments is None:
        raise RouteNotFound
    here = [(one, fit(one, segments)) for one in api.operations]
    fitting = [(one, parts) for one, parts in here if parts is not None]
    if not fitting:
        raise RouteNotFound
    for operation, parts in fitting:
        if operation.method == request.method:
            return operation, parts
    raise MethodNotAllowed([operation.method for operation, _ in fitting])


def _parse_query(request: Request) -> Query:
    query = request.scope["query_string"].decode("ascii", "surrogateescape")
    try:
        return parse_qsl(
            query, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS
        )
    except ValueError as error:
        raise Unframed from error


def _asked_versions(query: Query) -> list[str]:
    return [value for name, value in query if name.lower() == "api-version"]


def _check_media_type(operation: Operation, headers: Headers, body: bytes) -> None:
    if not operation.media_types or (operation.may_be_empty and not body):
        return
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType
    if parse_media_type(headers.get("content-type")) not in operation.media_types:
        raise UnsupportedMediaType


def _joined(headers: Headers) -> Mapping[str, str]:
    joined: dict[str, str] = {}
    for name, value in headers.items():
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _request_id(headers: Headers) -> str:
    sent = headers.get(REQUEST_ID, "")
    return "".join(sign for sign in sent if sign.isascii() and sign.isprintable())[
        :LONGEST_REQUEST_ID
    ]


def _path(request: Request) -> str:
    raw: bytes = request.scope["raw_path"]
    return raw.decode("ascii", "surrogateescape")


def _uri(request: Request) -> str:
    return f"{request.scope['scheme']}://{request.headers.get('host', '')}{_path(request)}"
