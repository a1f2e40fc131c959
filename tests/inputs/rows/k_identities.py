"""K: identities and their tokens. What takes several requests stands in `test_user_tokens.py`."""

from support.inputs.rows import Row, Wanted, accepted, delete, denied, post, refused

ISSUE = "/identities/<user_path>/:issueAccessToken"
REVOKE = "/identities/<user_path>/:revokeAccessTokens"
EXCHANGE = "/teamsUser/:exchangeAccessToken"
APP = "5fa0c7bb-1111-4444-8888-0123456789ab"
INTERVAL = "ExpiresInMinutes value {} is invalid. Value must be within the [60, 1440] interval."
EXPIRY = refused(400, "ValidationError", target="ExpiresInMinutes")
SCOPES = refused(400, "ValidationError", target="Scopes")
NO_SCOPES = refused(
    400, "ValidationError", "Scopes: The Scopes field is required.", target="Scopes"
)
NO_TOKEN = refused(401, "InvalidAccessToken", "Provided access token is not valid.")
NOT_THERE = refused(404, "NotFound")
NO_ID = refused((400, 404))
ZERO = "8:acs:00000000-0000-0000-0000-000000000000_00000000-0000-0000-0000-000000000000"


def token(scopes: object, minutes: object = None) -> dict[str, object]:
    return {"scopes": scopes, "expiresInMinutes": minutes}


def made_with(scopes: object, minutes: object = None) -> dict[str, object]:
    return {"createTokenWithScopes": scopes, "expiresInMinutes": minutes}


def interval(minutes: int) -> Wanted:
    return refused(400, "ValidationError", INTERVAL.format(minutes), target="ExpiresInMinutes")


WRONG_MINUTES: tuple[object, ...] = (0, "60", 60.5, True, -1, 2**31, [], {}, 2**63, 10**300)
NO_TEXTS: tuple[object, ...] = (1, [], {}, True)
WRONG_SCOPES: tuple[object, ...] = (
    *(["x"], ["voip", "x"], "voip", [1], [None], [[]], {}, True),
    *(["VOIP"], ["voip "], ["chat,voip"], ["v" * 5000], ["voip"] * 10_000),
)

ROWS = [
    *[
        Row(
            "K01",
            f"issue for {minutes} minutes",
            post(ISSUE, token(["voip"], minutes)),
            interval(minutes),
        )
        for minutes in (59, 1441)
    ],
    *[
        Row(
            "K01",
            f"create for {minutes} minutes",
            post("/identities", made_with(["voip"], minutes)),
            interval(minutes),
        )
        for minutes in (59, 1441)
    ],
    *[
        Row(
            "K01",
            f"issue for {minutes} minutes",
            post(ISSUE, token(["voip"], minutes)),
            accepted(200),
        )
        for minutes in (60, 1440)
    ],
    *[
        Row("K02", f"issue for {minutes!r:.20}", post(ISSUE, token(["voip"], minutes)), EXPIRY)
        for minutes in WRONG_MINUTES
    ],
    *[
        Row(
            "K02",
            f"create for {minutes!r:.20}",
            post("/identities", made_with(None, minutes)),
            EXPIRY,
        )
        for minutes in WRONG_MINUTES[:5]
    ],
    *[
        Row("K03", f"issue with {body}", post(ISSUE, body), NO_SCOPES)
        for body in ("{}", '{"scopes": null}')
    ],
    Row("K04", "issue with no scope", post(ISSUE, token([])), SCOPES),
    *[
        Row("K04", f"issue with {scopes!r:.40}", post(ISSUE, token(scopes)), SCOPES)
        for scopes in WRONG_SCOPES
    ],
    *[
        Row("K05", f"{what} for another resource's identity", request, denied())
        for what, request in (
            ("issue", post("/identities/<stranger_path>/:issueAccessToken", token(["voip"]))),
            ("issue", post(f"/identities/{ZERO}/:issueAccessToken", token(["voip"]))),
            ("revoke", post("/identities/<stranger_path>/:revokeAccessTokens")),
            ("delete", delete("/identities/<stranger_path>")),
            ("delete", delete(f"/identities/{ZERO}")),
        )
    ],
    *[
        Row(
            "K05",
            f"issue for {who}",
            post(f"/identities/<{who}_path>/:issueAccessToken", token(["voip"])),
            NOT_THERE,
        )
        for who in ("gone_user", "nobody")
    ],
    *[
        Row(
            "K05",
            f"revoke for {who}",
            post(f"/identities/<{who}_path>/:revokeAccessTokens"),
            Wanted((204, 404)),
        )
        for who in ("gone_user", "nobody")
    ],
    *[
        Row(
            "K06",
            f"issue for {text[:30]!r}",
            post(f"/identities/{text}/:issueAccessToken", token(["voip"])),
            NO_ID,
        )
        for text in (
            *(
                "foo",
                "8:acs:",
                "x" * 10_000,
                "%00",
                "8%3Aacs%3A%00",
                "<user>%0A",
                "<user>%20",
                "%20<user>",
                "<user>_<resource>",
                "4:+15551234567",
            ),
            *("..", "%2e%2e", "'%20OR%201=1--", "%FF", "<user>%2F", "8:ACS:<resource>_<resource>"),
        )
    ],
    *[
        Row("K06", f"DELETE {text[:30]!r}", delete(f"/identities/{text}"), NO_ID)
        for text in ("foo", "8:acs:", "x" * 10_000, "<user>%0A", "<user>%20")
    ],
    Row(
        "K07", "DELETE of a deleted identity", delete("/identities/<gone_user_path>"), accepted(204)
    ),
    Row(
        "K07",
        "DELETE of an identity that never was",
        delete("/identities/<nobody_path>"),
        accepted(204),
    ),
    *[
        Row(
            "K09",
            f"exchange of {text[:30]!r}",
            post(EXCHANGE, {"token": text, "appId": APP, "userId": APP}),
            NO_TOKEN,
        )
        for text in ("", "invalid", "a.b.c", "x" * 10_000, "e30.e30.")
    ],
    Row("K09", "exchange without a token", post(EXCHANGE, {"appId": APP, "userId": APP}), NO_TOKEN),
    Row(
        "K09",
        "exchange without an app",
        post(EXCHANGE, {"token": "x", "userId": APP}),
        refused(400, "ValidationError", "AppId: The AppId field is required.", target="AppId"),
    ),
    *[
        Row(
            "K09",
            f"exchange of token {value!r}",
            post(EXCHANGE, {"token": value, "appId": APP, "userId": APP}),
            refused(400, "ValidationError"),
        )
        for value in NO_TEXTS
    ],
    Row(
        "K10",
        "create with a token, one scope wrong",
        post("/identities", made_with(["voip", "x"])),
        SCOPES,
    ),
    Row(
        "K10",
        "create with a token and a string of scopes",
        post("/identities", made_with("voip")),
        SCOPES,
    ),
    Row(
        "K10",
        "create with scopes of the wrong kind",
        post("/identities", made_with({"voip": True})),
        SCOPES,
    ),
    Row(
        "K10",
        "create with a body that is a list",
        post("/identities", "[]"),
        refused(400, "ValidationError"),
    ),
    Row("K06", "revoke with a broken body", post(REVOKE, "{"), Wanted((204, 400))),
]
