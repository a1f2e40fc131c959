"""What can be wrong with a request before a feature sees it.

HttpError
    Unframed               400, the request line or its headers make no sense
    Denied                 401
        WrongContentHash
    RouteNotFound          404
    MethodNotAllowed       405
    BodyTimeout            408
    BodyTooLarge           413
    TargetTooLong          414
    UnsupportedMediaType   415
    TooManyRequests        429
    HeadersTooLarge        431
    VersionMissing         400
    VersionAmbiguous       400
    VersionUnsupported     400
    MalformedBody          400, with one detail that names the place
    Unforeseen             500, our fault; says nothing of it
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

# How much of what was sent an error repeats.
LONGEST_ECHO = 256


@dataclass(frozen=True, slots=True)
class Fault:
    """One place in a request that is wrong, and why."""

    message: str
    target: str
    code: str = "BadArgument"


class HttpError(Exception):
    """Anything wrong with a request before a feature sees it."""

    status = 400
    code = "BadRequest"
    message = ""
    target: str | None = None
    details: Sequence[Fault] = ()
    headers: Mapping[str, str] = MappingProxyType({})


class Unframed(HttpError):
    """The request line or the headers make no sense."""

    message = "The request is not valid HTTP."


class Denied(HttpError):
    """No key of the resource signed this request. The reason is for the log, never sent."""

    status = 401
    code = "Denied"
    message = "Denied by the resource provider."

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class WrongContentHash(Denied):
    """The body is not the one that was signed."""

    message = "Request 'x-ms-content-sha256' differs from generated content hash."


class RouteNotFound(HttpError):
    """There is nothing at this path."""

    status = 404
    code = "NotFound"
    message = "The server cannot find the requested resource."


class MethodNotAllowed(HttpError):
    """The path knows other methods."""

    status = 405
    code = "MethodNotAllowed"
    message = "The method is not allowed for this resource."

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(allowed)
        self.headers = {"Allow": ", ".join(allowed)}


class BodyTimeout(HttpError):
    """The body did not arrive in time."""

    status = 408
    code = "RequestTimeout"
    message = "The request body did not arrive in time."


class BodyTooLarge(HttpError):
    """The body is larger than any request needs."""

    status = 413
    code = "RequestEntityTooLarge"
    message = "The request body is too large."
    headers = MappingProxyType({"Connection": "close"})


class TargetTooLong(HttpError):
    """The request target is longer than any of ours."""

    status = 414
    code = "RequestUriTooLong"
    message = "The request target is too long."


class TooManyRequests(HttpError):
    """The resource has asked too often."""

    status = 429
    code = "TooManyRequests"

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        # Whole seconds.
        self.retry_after = retry_after
        self.message = f"Too many requests. Try again in {retry_after} s."


class HeadersTooLarge(HttpError):
    """The headers are too many, or too large."""

    status = 431
    code = "RequestHeaderFieldsTooLarge"
    message = "The request headers are too large."


class UnsupportedMediaType(HttpError):
    """The body is not what the operation reads."""

    status = 415
    code = "UnsupportedMediaType"
    message = "The content type of the request is not supported."


class VersionMissing(HttpError):
    """No `api-version` was given."""

    code = "ApiVersionUnspecified"
    message = "An API version is required, but was not specified."


class VersionAmbiguous(HttpError):
    """More than one `api-version` was given."""

    code = "AmbiguousApiVersion"
    message = "The request names more than one API version. Name one."


class VersionUnsupported(HttpError):
    """The API has no such version."""

    code = "UnsupportedApiVersion"

    def __init__(self, uri: str, version: str) -> None:
        super().__init__(uri, version)
        self.message = (
            f"The HTTP resource that matches the request URI '{uri[:LONGEST_ECHO]}' "
            f"does not support the API version '{version[:LONGEST_ECHO]}'."
        )


class MalformedBody(HttpError):
    """The body is no JSON, or not the JSON that the operation reads."""

    message = "The request could not be understood by the server due to malformed syntax."

    def __init__(self, reason: str, target: str = "$") -> None:
        super().__init__(reason)
        self.details = (Fault(reason, target),)


class Unforeseen(HttpError):
    """Our own fault. The caller learns that there was one, and no more."""

    status = 500
    code = "InternalServerError"
    message = "The server met an unexpected error."
