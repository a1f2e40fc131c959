"""Which headers of an answer matter, and what all answers of an API have among them."""

from collections.abc import Mapping

from support.exchanges import versions

# An answer has a header of these exactly when its row says so.
WATCHED = frozenset(
    {
        *("content-type", "location", "repeatability-result", "x-ms-error-code", "retry-after"),
        *("www-authenticate", "allow", "x-ms-client-request-id"),
        *("api-supported-versions", "api-deprecated-versions"),
    }
)


def watched(headers: Mapping[str, str]) -> dict[str, str]:
    """Those that matter, in lower case."""
    lower = {name.lower(): value for name, value in headers.items()}
    return {name: value for name, value in lower.items() if name in WATCHED}


def wanted(
    api: str, own: Mapping[str, str], *, request_id: str | None, tells_versions: bool
) -> dict[str, str]:
    """All that an answer must have: its `own`, and what its API adds. `api`: the first part of its paths."""
    whole = {name.lower(): value for name, value in own.items()}
    if api != "rooms" and request_id is not None:
        whole["x-ms-client-request-id"] = request_id
    if tells_versions:
        told = versions()[api]
        whole |= {"api-supported-versions": told.supported}
        whole |= {"api-deprecated-versions": told.deprecated} if told.deprecated else {}
    return whole
