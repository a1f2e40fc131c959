"""H: merge patches."""

from support.inputs.rows import Row, Wanted, accepted, patch, refused, roster

BAD = refused(400, "BadRequest")
DEEP = 5_000
MANY = 100_000
FEW_MISSING = 20_000

ROWS = [
    *[
        Row("H01", f"{body} as the whole patch of a roster", roster(body), BAD)
        for body in ("null", "[]", '"x"')
    ],
    *[
        Row("H01", f"{body} as the whole patch of a room", patch("/rooms/<room>", body), BAD)
        for body in ("null", "[]", '"x"')
    ],
    Row(
        "H02",
        "a JSON Patch of a roster",
        roster('[{"op": "remove", "path": "/participants"}]'),
        BAD,
    ),
    Row(
        "H02",
        "a JSON Patch of a room",
        patch("/rooms/<room>", '[{"op": "remove", "path": "/validUntil"}]'),
        BAD,
    ),
    Row(
        "H03",
        "a role 5,000 levels deep",
        roster(
            '{"participants": {"<user>": {"role": ' + '{"role":' * DEEP + "1" + "}" * (DEEP + 3)
        ),
        BAD,
    ),
    Row(
        "H03",
        "a role 5,000 levels deep, never closed",
        roster('{"participants": {"<user>": {"role": ' + "[" * DEEP),
        BAD,
    ),
    Row(
        "H04",
        "100,000 keys with null",
        roster({f"k{number}": None for number in range(MANY)}),
        refused((400, 413)),
        before_authentication=True,
    ),
    Row(
        "H04",
        "as many wrong keys as a body holds",
        roster({f"k{number}": None for number in range(FEW_MISSING)}),
        refused(400, "BadRequest", "Invalid value for the Participants."),
    ),
    Row("H05", "{} for a room", patch("/rooms/<room>", "{}"), accepted(200)),
    Row("H05", "{} for a roster", roster("{}"), accepted(200)),
    Row("H08", "participants: null", roster('{"participants": null}'), Wanted((200, 400))),
    Row(
        "H08",
        "the same participant removed and added",
        roster('{"participants": {"<stranger>": {"role": "Presenter"}, "<stranger>": null}}'),
        accepted(200),
    ),
]
