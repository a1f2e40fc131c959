"""J: lists and the tokens that lead on."""

from support.inputs.rows import Row, Wanted, accepted, get, refused

BAD = refused(400, "BadRequest")


def page(token: str) -> Row:
    return Row("J01", f"token {token[:40]!r}", get(f"/rooms?nextLink={token}"), BAD)


ROWS = [
    *[
        page(token)
        for token in (
            *(
                "",
                "x",
                "<page>x",
                "x<page>",
                "<page>A",
                "<page_changed>",
                "<page_cut>",
                "<page>=",
                "<page>%3D%3D",
                "<page>%00",
                "<page>%0A",
                "%20<page>",
            ),
            *(
                "%FF%FE",
                "eyJhIjoxfQ",
                "A" * 43,
                "A" * 8000,
                "-",
                "_",
                "....",
                "%F0%9F%98%80",
                "null",
                "0",
            ),
            *("'%20OR%201=1--", "../../etc/passwd"),
        )
    ],
    Row("J01", "two tokens: the first counts", get("/rooms?nextLink=x&nextLink=<page>"), BAD),
    Row(
        "J01",
        "a token for a list that has no pages",
        get("/rooms/<room>/participants?nextLink=<page>"),
        Wanted((200, 400)),
    ),
    Row("J04", "the token as it was given", get("/rooms?nextLink=<page>"), accepted(200)),
    *[
        Row(
            "J05",
            f"{name}={size}",
            get(f"/rooms?{name}={size}"),
            Wanted((200, 400)),
            came_to=lambda _, said: _bounded(said),
        )
        for name in ("maxPageSize", "maxpagesize", "top", "$top", "pageSize")
        for size in ("0", "-1", "1000000000", "abc", "9" * 400)
    ],
]


def _bounded(said: dict[str, list[object]]) -> None:
    assert len(said["value"]) <= 100
