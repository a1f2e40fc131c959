"""D: room ids."""

from support.inputs.rows import Row, Wanted, accepted, delete, get, patch, refused, roster

LENGTH = refused(400, "BadRequest", "Invalid room ID length.")
DIGITS = refused(400, "BadRequest", "Invalid room ID.")
UNKNOWN = refused(404, "NotFound", "The server cannot find the requested resource.")
BAD = refused(400, "BadRequest")

ROWS = [
    *[
        Row("D01", f"GET {text}", get(f"/rooms/{text}"), LENGTH)
        for text in ("invalid_id", "123-invalidId", "1", "-", "%20")
    ],
    Row("D01", "participants of invalid_id", get("/rooms/invalid_id/participants"), LENGTH),
    Row("D02", "DELETE 123", delete("/rooms/123"), LENGTH),
    Row("D02", "PATCH 123", patch("/rooms/123", "{}"), LENGTH),
    Row("D03", "GET of an unknown id", get("/rooms/9949484443000000"), UNKNOWN),
    Row(
        "D03", "participants of an unknown id", get("/rooms/9949484443000000/participants"), UNKNOWN
    ),
    Row("D03", "PATCH of an unknown id", patch("/rooms/9949484443000000", "{}"), UNKNOWN),
    Row(
        "D03",
        "PATCH of an unknown id's roster",
        patch("/rooms/9949484443000000/participants", {"participants": {"<user>": {}}}),
        UNKNOWN,
    ),
    Row("D04", "DELETE of a deleted room", delete("/rooms/<gone_room>"), accepted(204)),
    Row("D05", "GET of a deleted room", get("/rooms/<gone_room>"), UNKNOWN),
    Row(
        "D05",
        "PATCH of a deleted room",
        patch("/rooms/<gone_room>", {"pstnDialOutEnabled": True}),
        UNKNOWN,
    ),
    Row("D05", "participants of a deleted room", get("/rooms/<gone_room>/participants"), UNKNOWN),
    Row(
        "D05",
        "PATCH of a deleted room's roster",
        patch(
            "/rooms/<gone_room>/participants", {"participants": {"<user>": {"role": "Presenter"}}}
        ),
        UNKNOWN,
    ),
    Row("D06", "17 full-width digits", get("/rooms/" + "%EF%BC%99" * 17), DIGITS),
    Row("D06", "17 Arabic digits", get("/rooms/" + "%D9%A3" * 17), DIGITS),
    Row("D06", "17 superscript digits", get("/rooms/" + "%C2%B2" * 17), DIGITS),
    Row("D06", "underscores between digits", get("/rooms/99_484_443_000_00"), DIGITS),
    Row("D07", "a plus before it", get("/rooms/+9949484443000000"), DIGITS),
    Row("D07", "a minus before it", get("/rooms/-9949484443000000"), DIGITS),
    Row("D07", "spaces around it", get("/rooms/%209949484443000000%20"), DIGITS),
    Row("D07", "a real id and a space", get("/rooms/<room>%20"), BAD),
    Row("D07", "a real id and a line break", get("/rooms/<room>%0A"), BAD),
    Row("D08", "NUL after a real id", get("/rooms/<room>%00"), BAD),
    Row("D08", "NUL in it", get("/rooms/99494%004443000000"), DIGITS),
    Row("D09", "a slash, encoded", get("/rooms/a%2Fb"), refused((400, 404))),
    Row(
        "D09",
        "a slash in the middle of an id, encoded",
        get("/rooms/9949484%2F443000000"),
        refused((400, 404)),
    ),
    Row("D10", "40 digits", get("/rooms/" + "9" * 40), LENGTH),
    Row("D10", "19 digits", get("/rooms/" + "9" * 19), LENGTH),
    Row("D10", "10,000 digits", get("/rooms/" + "9" * 10_000), LENGTH),
    Row("D11", "SQL", get("/rooms/'%20OR%201=1--"), BAD),
    Row("D11", "SQL as long as an id", delete("/rooms/9';DROP%20TABLE--"), BAD),
    Row(
        "D11",
        "a percent sign for LIKE",
        get("/rooms/99%25%25%25%25%25%25%25%25%25%25%25%25%25"),
        BAD,
    ),
    Row("D13", "a zero before a real id", get("/rooms/0<room>"), refused((400, 404))),
    Row("D13", "a zero before a real id, DELETE", delete("/rooms/0<room>"), refused((400, 404))),
    Row("D13", "a zero after a real id", delete("/rooms/<room>0"), refused((400, 404))),
    Row("D14", "the right length, no digits", get("/rooms/NotExistingRoomID"), DIGITS),
    Row(
        "D14", "the right length, no digits, PATCH", patch("/rooms/NotExistingRoomID", "{}"), DIGITS
    ),
    Row("D15", "DELETE of an id that never was", delete("/rooms/9949484443000000"), UNKNOWN),
    # The order of checks: the body before the id, the id before the participants.
    Row(
        "D01",
        "a broken body for a wrong id",
        patch("/rooms/123", "{"),
        Wanted((400,), target=r"\$", message=None, code="BadRequest"),
    ),
    Row(
        "D01",
        "a wrong participant for an unknown room",
        patch("/rooms/9949484443000000/participants", {"participants": {"x": {}}}),
        UNKNOWN,
    ),
    Row(
        "D14",
        "a wrong participant for a wrong id",
        patch("/rooms/NotExistingRoomID/participants", {"participants": {"x": {}}}),
        DIGITS,
    ),
    Row("D03", "no change for the room that is there", roster("{}"), accepted(200)),
]
