"""G: participants."""

import uuid
from typing import Any

from support.inputs.house import House
from support.inputs.rows import Request, Row, accepted, create, get, patch, post, refused, roster

FORMAT = refused(400, "BadRequest", "Invalid format for communication identifier.")
VALUE = refused(400, "BadRequest", "Invalid value for the Participants.")
FULL = refused(400, "BadRequest", "A room can have at most 350 participants.")
BAD = refused(400, "BadRequest")
ROLE = refused(400, "BadRequest", target=r"\$\.participants\..+\.role")
ENTRY = refused(400, "BadRequest", target=r"\$\.participants\..+")
WHOLE = refused(400, "BadRequest", target=r"\$\.participants")
OLD = "2024-04-15"
LIMIT = 350


def someone() -> str:
    return f"8:acs:{uuid.uuid4()}_{uuid.uuid4()}"


def new(participants: object, query: str = "") -> Request:
    return post(f"/rooms{query}", {"participants": participants})


def crowd(size: int) -> dict[str, object]:
    return {someone(): {"role": "Attendee"} for _ in range(size)}


def invites_an_attendee(house: House, made: dict[str, Any]) -> None:
    listed = house.well(get(f"/rooms/{made['id']}/participants")).json["value"]
    assert [one["role"] for one in listed] == ["Attendee"]


def invites_two(house: House, made: dict[str, Any]) -> None:
    assert len(house.well(get(f"/rooms/{made['id']}/participants")).json["value"]) == 2


NO_IDS = (
    *(
        "wrong_mri",
        "acs:8-invalidMRI",
        "",
        " ",
        "8:acs:",
        "8:acs:_",
        "8:acs:x_y",
        "8:orgid:" + str(uuid.uuid4()),
    ),
    *(
        someone() + "_" + str(uuid.uuid4()),
        someone().replace("_", "-"),
        "9" + someone()[1:],
        "8:ACS:" + someone()[6:],
    ),
)
HIDDEN = ("\u200b", "\u202e", "\ufeff", "\u00a0", "\u0131", "\U0001f600")

NO_ROLES: tuple[object, ...] = (1, "", {}, [], True, 0, ["Attendee"])
NO_ENTRIES: tuple[object, ...] = (True, "x", [], 1, "Attendee", False)
NO_MAPS: tuple[object, ...] = ([], "x", 1, True, ["<user>"], [{"rawId": "<user>"}])

ROWS = [
    *[
        Row("G01", f"create with {text!r}", new({text: {"role": "Attendee"}}), FORMAT)
        for text in NO_IDS
    ],
    *[Row("G02", f"PATCH removing {text!r}", roster({text: None}), VALUE) for text in NO_IDS],
    *[
        Row("G02", f"PATCH adding {text!r}", roster({text: {"role": "Attendee"}}), VALUE)
        for text in NO_IDS[:2]
    ],
    Row("G03", "role Kafka", new({"<stranger>": {"role": "Kafka"}}), ROLE),
    Row("G03", "role Kafka, on update", roster({"<stranger>": {"role": "Kafka"}}), ROLE),
    Row("G03", "role Kafka for one who is there", roster({"<user>": {"role": "Kafka"}}), ROLE),
    Row("G03", "a role of 10 KB", new({"<stranger>": {"role": "K" * 10_000}}), ROLE),
    Row("G03", "a role with a space at its end", new({"<stranger>": {"role": "Attendee "}}), ROLE),
    Row(
        "G04",
        "Collaborator under an old version",
        new({"<stranger>": {"role": "Collaborator"}}, f"?api-version={OLD}"),
        ROLE,
    ),
    Row(
        "G04",
        "Collaborator under an old version, on update",
        patch(
            f"/rooms/<room>/participants?api-version={OLD}",
            {"participants": {"<user>": {"role": "Collaborator"}}},
        ),
        ROLE,
    ),
    Row("G05", "no role", new({"<stranger>": {}}), accepted(201), came_to=invites_an_attendee),
    Row(
        "G05",
        "role null",
        new({"<stranger>": {"role": None}}),
        accepted(201),
        came_to=invites_an_attendee,
    ),
    *[
        Row("G06", f"role {value!r}", new({"<stranger>": {"role": value}}), ROLE)
        for value in NO_ROLES
    ],
    *[Row("G07", f"entry {value!r}", new({"<stranger>": value}), ENTRY) for value in NO_ENTRIES],
    *[
        Row("G07", f"entry {value!r}, on update", roster({"<user>": value}), ENTRY)
        for value in NO_ENTRIES[:3]
    ],
    *[Row("G08", f"participants {value!r:.30}", new(value), WHOLE) for value in NO_MAPS],
    Row("G09", "removing one who is not there", roster({"<stranger>": None}), accepted(200)),
    Row("G10", "one wrong id among 349 good ones", new({**crowd(349), "x": {}}), FORMAT),
    Row(
        "G10", "one wrong id among 300 good ones, on update", roster({**crowd(300), "x": {}}), VALUE
    ),
    Row(
        "G10",
        "one wrong role among 300 good ones, on update",
        roster({**crowd(300), "<stranger>": {"role": "x"}}),
        ROLE,
    ),
    Row("G11", "351 in one create", new(crowd(LIMIT + 1)), FULL),
    Row("G11", "351 by an update", roster(crowd(LIMIT - 1)), FULL),
    Row("G11", "350 in one create", new(crowd(LIMIT)), accepted(201)),
    Row("G12", "a line break at the end", new({"<stranger>\n": {}}), FORMAT),
    Row("G12", "a line break at the end, on update", roster({"<user>\n": None}), VALUE),
    Row("G12", "a line break before it", new({"\n<stranger>": {}}), FORMAT),
    Row("G13", "an id of 10 KB", new({"<stranger>" + "0" * 10_000: {}}), FORMAT),
    Row("G13", "an id of 10 KB with a wrong role", new({"9" * 10_000: {"role": "x"}}), ROLE),
    *[
        Row("G13", f"an id with {sign!r}", new({f"<stranger>{sign}": {}}), FORMAT)
        for sign in HIDDEN
    ],
    *[
        Row("G13", f"an id with {sign!r} inside", roster({f"8:acs:{sign}<stranger>": {}}), VALUE)
        for sign in HIDDEN[:2]
    ],
    Row("G14", "a phone number", new({"4:+15551234567": {"role": "Attendee"}}), FORMAT),
    Row(
        "G14", "a phone number, on update", roster({"4:+15551234567": {"role": "Attendee"}}), VALUE
    ),
    Row("G14", "a Teams user", new({f"8:orgid:{uuid.uuid4()}": {}}), FORMAT),
    Row("G14", "a bot", new({f"28:orgid:{uuid.uuid4()}": {}}), FORMAT),
    Row(
        "G15",
        "an identity of another resource",
        new({"<stranger>": {"role": "Presenter"}}),
        accepted(201),
    ),
    Row(
        "G15",
        "an identity that is no longer there",
        new({"<gone_user>": {"role": "Presenter"}}),
        accepted(201),
    ),
    Row(
        "G16",
        "PATCH room with participants",
        patch(
            "/rooms/<room>", {"participants": {"<stranger>": {"role": "Presenter"}, "<user>": None}}
        ),
        accepted(200),
    ),
    Row("G17", "no participants to change", roster({}), accepted(200)),
    Row("G17", "an empty object", roster("{}"), accepted(200)),
    Row(
        "G18",
        "two that differ in letter case",
        new(
            {
                f"8:acs:{'a' * 8}-aaaa-aaaa-aaaa-{'a' * 12}_{'b' * 8}-bbbb-bbbb-bbbb-{'b' * 12}": {},
                f"8:acs:{'A' * 8}-aaaa-aaaa-aaaa-{'a' * 12}_{'b' * 8}-bbbb-bbbb-bbbb-{'b' * 12}": {},
            }
        ),
        accepted(201),
        came_to=invites_two,
    ),
    Row(
        "G18",
        "the same key twice",
        create(
            '{"participants": {"<stranger>": {"role": "Presenter"}, "<stranger>": {"role": "Attendee"}}}'
        ),
        accepted(201),
        came_to=invites_an_attendee,
    ),
    Row("G08", "the key __proto__", new({"__proto__": {}}), FORMAT),
    Row("G01", "SQL as an id", new({"'; DROP TABLE room; --": {}}), BAD),
]
