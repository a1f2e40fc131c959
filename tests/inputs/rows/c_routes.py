"""C: routes, versions, headers."""

from dataclasses import replace

from support.inputs.rows import (
    Request,
    Row,
    Wanted,
    accepted,
    create,
    get,
    post,
    refused,
    roster,
    with_body,
    without,
)

NOT_FOUND = refused(404, "NotFound", "The server cannot find the requested resource.")
BAD_TYPE = refused(415, "UnsupportedMediaType")
LONG = "v" * 5000


def typed(request: Request, *content_types: str) -> Request:
    """The same with another media type, with two, or with none."""
    extra = tuple(("Content-Type", one) for one in content_types)
    bare = without(request, "content-type")
    return replace(bare, headers=bare.headers + extra)


def sent(request: Request, name: str, value: str) -> Request:
    return replace(request, headers=(*request.headers, (name, value)))


NEW = create("{}")
CHANGE = roster({"<user>": {"role": "Attendee"}})

ROWS = [
    Row("C01", "no api-version", get("/rooms?"), refused(400, "ApiVersionUnspecified")),
    Row(
        "C01",
        "an empty api-version",
        get("/rooms?api-version="),
        refused(400, "ApiVersionUnspecified"),
    ),
    *[
        Row(
            "C02",
            f"api-version {version[:20]!r}",
            get(f"/rooms?api-version={version}"),
            refused(
                400, "UnsupportedApiVersion", headers={"api-supported-versions": ".*2025-03-13.*"}
            ),
        )
        for version in (
            "1999-01-01",
            "2021-04-07",
            "2022-02-01",
            "x",
            "%00",
            "%F0%9F%98%80",
            LONG,
            "2023-10-01",
            "ApiVersion.V1999_01_01",
        )
    ],
    Row(
        "C02",
        "api-version of Rooms at Identity",
        post("/identities?api-version=2025-03-13"),
        refused(400, "UnsupportedApiVersion"),
    ),
    Row(
        "C03",
        "two different api-versions",
        get("/rooms?api-version=2025-03-13&api-version=2024-04-15"),
        refused(400),
    ),
    Row(
        "C03",
        "a query that is not UTF-8",
        get("/rooms?api-version=2025-03-13&a=%ff"),
        Wanted((200, 400)),
    ),
    Row(
        "C03",
        "1,000 parameters",
        get("/rooms?api-version=2025-03-13" + "&a=b" * 1000),
        refused(400),
    ),
    *[
        Row(
            "C04",
            f"{method} {path}",
            with_body(method, path, b""),
            refused(405, "MethodNotAllowed", headers={"Allow": allow}),
        )
        for method, path, allow in (
            ("PUT", "/rooms/<room>", "(?=.*GET)(?=.*PATCH)(?=.*DELETE).*"),
            ("DELETE", "/rooms", "(?=.*GET)(?=.*POST).*"),
            ("POST", "/rooms/<room>/participants", "(?=.*GET)(?=.*PATCH).*"),
            ("GET", "/identities", "POST"),
            ("TRACE", "/rooms", ".*GET.*"),
        )
    ],
    *[
        Row("C05", f"path {path}", get(path), NOT_FOUND)
        for path in (
            *(
                "//rooms",
                "/rooms//participants",
                "/Rooms",
                "/rooms/",
                "/rooms/<room>/",
                "/rooms/<room>/Participants",
            ),
            *(
                "/rooms/<room>//participants",
                "/rooms/<room>/participants/x",
                "/ROOMS/<room>",
                "/room",
                "/identities/<user_path>/x/y",
            ),
        )
    ],
    *[
        Row("C06", f"path {path}", get(path), refused((400, 404)))
        for path in (
            *(
                "/rooms/%2e%2e/identities",
                "/rooms/../identities",
                "/rooms/./<room>",
                "/rooms/%2e/<room>",
                "/%2e%2e/etc/passwd",
            ),
            *(
                "/rooms/..%2fidentities",
                "/rooms/%252e%252e/identities",
                "/rooms/..;/identities",
                "/rooms\\<room>",
                "/rooms/%ff",
            ),
        )
    ],
    *[
        Row("C07", f"POST with {kind[:40]!r}", typed(NEW, *([kind] if kind else [])), BAD_TYPE)
        for kind in (
            "text/plain",
            "application/xml",
            "",
            "application/jsonp",
            "json",
            ";",
            "application/json-seq",
            "*/*",
            "x" * 5000,
        )
    ],
    Row("C07", "POST with two media types", typed(NEW, "application/json", "text/plain"), BAD_TYPE),
    *[
        Row("C08", f"PATCH with {kind!r}", typed(CHANGE, *([kind] if kind else [])), BAD_TYPE)
        for kind in (
            "application/json-patch+json",
            "text/plain",
            "",
            "application/merge-patch",
            "multipart/form-data; boundary=x",
        )
    ],
    Row(
        "C08", "PATCH with application/json", typed(roster("{}"), "application/json"), accepted(200)
    ),
    *[
        Row(
            "C09",
            f"charset {charset}",
            typed(NEW, f"application/json; charset={charset}"),
            BAD_TYPE,
        )
        for charset in ("utf-16", "iso-8859-1", "utf-7", "")
    ],
    Row(
        "C09",
        "charset UTF-8 in capitals and quotes",
        typed(NEW, 'application/json; charset="UTF-8"'),
        accepted(201),
    ),
    *[
        Row("C10", f"Content-Encoding {coding}", sent(NEW, "Content-Encoding", coding), BAD_TYPE)
        for coding in ("gzip", "br", "deflate", "gzip, identity")
    ],
    Row(
        "C11",
        "a request id of 10 KB",
        sent(post("/identities"), "x-ms-client-request-id", "r" * 10_240),
        accepted(201, x_ms_client_request_id="r{128}"),
    ),
    Row(
        "C11",
        "a request id with %0d%0a",
        sent(post("/identities"), "x-ms-client-request-id", "a%0d%0aX-Evil: 1"),
        accepted(201, x_ms_client_request_id="a%0d%0aX-Evil: 1"),
    ),
    Row(
        "C11",
        "a request id with control characters",
        sent(post("/identities"), "x-ms-client-request-id", "a\tb\u00e9c"),
        accepted(201, x_ms_client_request_id="abc"),
    ),
    Row(
        "C13",
        "a retired preview's operation",
        post("/rooms/<room>/participants:add", {"participants": []}),
        NOT_FOUND,
    ),
    Row(
        "C13",
        "another retired operation",
        post("/rooms/<room>/participants:remove", {"participants": []}),
        NOT_FOUND,
    ),
    Row(
        "C15",
        "X-HTTP-Method-Override: DELETE",
        sent(get("/rooms/<room>"), "X-HTTP-Method-Override", "DELETE"),
        accepted(200),
    ),
    Row(
        "C15",
        "X-Method-Override: DELETE on POST",
        sent(NEW, "X-Method-Override", "DELETE"),
        accepted(201),
    ),
    Row("C15", "_method=DELETE", get("/rooms/<room>?_method=DELETE"), accepted(200)),
]
