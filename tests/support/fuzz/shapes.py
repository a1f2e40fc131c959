"""Requests like those of clients, and worse: the classes of the tables, generated."""

import json
import re

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from support.inputs.rows import Proof, Request, patch, post, versioned

TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
JSON_VALUES: SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
GUIDS = st.uuids().map(str)
RAW_IDS = (
    st.sampled_from(["<user>", "<other>", "<stranger>", "<gone_user>", "wrong_mri", "", "8:acs:"])
    | st.builds("8:acs:{}_{}".format, GUIDS, GUIDS)
    | st.builds("{}{}".format, st.just("<stranger>"), TEXTS)
    | TEXTS
)
ROOM_IDS = (
    st.sampled_from(["<room>", "<gone_room>", "9949484443000000", "123"])
    | st.text("0123456789", min_size=1, max_size=22)
    | TEXTS
)
# Where calendars and parsers end; others are found from here.
EDGES = (
    *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00Z"),
    *("9999-12-31T23:59:59.9999999Z", "2028-02-29T23:59:59Z", "2026-12-31T23:59:60Z"),
)
MOMENTS = (
    st.sampled_from(EDGES)
    | st.datetimes(timezones=st.timezones() | st.none()).map(lambda one: one.isoformat())
    | st.builds(
        "{}-{:02}-{:02}T{:02}:{:02}:{:02}{}".format,
        # The ends of the calendar, where an offset leads out of it, and the years around ours.
        st.sampled_from(["0001", "9999", "0000", "1970"]) | st.integers(2020, 2030).map(str),
        *(
            st.sampled_from([1, 12]) | st.integers(0, 13),
            st.sampled_from([1, 31]) | st.integers(0, 32),
        ),
        *(st.sampled_from([0, 23]) | st.integers(0, 25), st.integers(0, 61), st.integers(0, 61)),
        st.sampled_from(
            ["Z", "", "+00:00", "-23:59", "+23:59", "+24:00", ".1Z", ".12345678Z", "z"]
        ),
    )
    | JSON_VALUES
)
ROLES = (
    st.sampled_from(["Presenter", "Attendee", "Consumer", "Collaborator", "attendee", None])
    | JSON_VALUES
)
ROSTERS = (
    st.dictionaries(
        RAW_IDS, st.none() | st.fixed_dictionaries({"role": ROLES}) | JSON_VALUES, max_size=5
    )
    | JSON_VALUES
)
HEADER_TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60).map(
    str.strip
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("Repeatability-Request-ID", "Repeatability-First-Sent", "x-ms-client-request-id"),
                *("Accept", "traceparent", "X-Forwarded-Host", "Content-Encoding", "If-Match"),
            ]
        ),
        HEADER_TEXTS | GUIDS | st.just("<date>"),
    ),
    max_size=3,
    unique_by=lambda one: one[0],
).map(tuple)
QUERIES = st.sampled_from(["", "", "", "?nextLink=<page>", "?api-version=2024-04-15"]) | st.builds(
    "?{}={}".format,
    st.sampled_from(["nextLink", "api-version", "a"]),
    st.text("aZ0-_.%2f&=", max_size=12),
)
BODIES = (
    st.fixed_dictionaries(
        {},
        optional={
            "validFrom": MOMENTS,
            "validUntil": MOMENTS,
            "pstnDialOutEnabled": st.booleans() | JSON_VALUES,
            "participants": ROSTERS,
        },
    )
    .map(json.dumps)
    .map(str.encode)
    | JSON_VALUES.map(json.dumps).map(str.encode)
    | st.binary(max_size=60)
)
TOKENS = (
    st.fixed_dictionaries(
        {},
        optional={
            "scopes": st.lists(st.sampled_from(["voip", "chat", "x"]), max_size=4) | JSON_VALUES,
            "createTokenWithScopes": st.lists(st.sampled_from(["voip", "chat"]), max_size=3)
            | JSON_VALUES,
            "expiresInMinutes": st.integers(-10, 2000) | JSON_VALUES,
            "customId": TEXTS | JSON_VALUES,
            **dict.fromkeys(("token", "appId", "userId"), TEXTS | JSON_VALUES),
        },
    )
    .map(json.dumps)
    .map(str.encode)
)
# What the house puts something in for.
NAME = re.compile(r"<[a-z_]+>")
VERBS = st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT"])
KINDS = st.sampled_from(["application/json", "application/merge-patch+json", "text/plain", ""])


def quoted(text: str) -> str:
    """A text as one segment of a path; a name of the house that it begins with stays as it is."""
    found = NAME.match(text)
    name = found[0] if found else ""
    rest = text[len(name) :].encode("utf-8", "surrogatepass")
    return name + "".join(f"%{octet:02X}" for octet in rest) or "%20"


@st.composite
def rooms_requests(draw: st.DrawFn) -> Request:
    """A request to Rooms: of the right kind, with something of its contents generated."""
    body = draw(BODIES)
    room = quoted(draw(ROOM_IDS))
    made = draw(
        st.sampled_from(
            [
                post("/rooms", body),
                patch(f"/rooms/{room}", body),
                patch(f"/rooms/{room}/participants", body),
                Request("GET", versioned(f"/rooms/{room}")),
                Request("GET", versioned(f"/rooms/{room}/participants")),
                Request("GET", versioned(f"/rooms{draw(QUERIES)}")),
                # What is there stays there, so that changes can be told from what was meant.
                Request("DELETE", versioned(f"/rooms/{room.replace('<room>', '<gone_room>')}")),
            ]
        )
    )
    return Request(made.method, made.target, made.body, made.headers + draw(HEADERS))


@st.composite
def identity_requests(draw: st.DrawFn) -> Request:
    """A request to Identity."""
    who = quoted(draw(RAW_IDS))
    body = draw(TOKENS | st.binary(max_size=40))
    version = draw(
        st.sampled_from(["2021-03-07", "2022-10-01", "2023-10-01", "2025-03-02-preview"])
    )
    path = draw(
        st.sampled_from(
            [
                "/identities",
                f"/identities/{who}/:issueAccessToken",
                "/teamsUser/:exchangeAccessToken",
                f"/identities/{who.replace('<user>', '<gone_user>')}/:revokeAccessTokens",
            ]
        )
    )
    return post(f"{path}?api-version={version}", body)


@st.composite
def odd_requests(draw: st.DrawFn) -> Request:
    """Any method, any path, any type, signed in any way."""
    segments = draw(st.lists(TEXTS.map(quoted), max_size=4))
    first = draw(st.sampled_from(["rooms", "identities", "teamsUser", "access", "ROOMS", ""]))
    body = draw(st.binary(max_size=40))
    kind = draw(KINDS)
    proof = draw(
        st.just(Proof())
        | st.none()
        | st.builds(Proof, date=HEADER_TEXTS)
        | st.builds(
            Proof,
            names=st.lists(st.sampled_from(["host", "date", "x-ms-date", "x"]), max_size=4).map(
                tuple
            ),
        )
        | st.builds(Proof, target=HEADER_TEXTS, method=VERBS)
    )
    target = "/" + "/".join([first, *segments]) + draw(QUERIES)
    headers = (("Content-Type", kind),) if kind else ()
    return Request(draw(VERBS), versioned(target), body, headers, proof=proof)


REQUESTS = rooms_requests() | identity_requests() | odd_requests()
