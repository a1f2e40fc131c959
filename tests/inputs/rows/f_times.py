"""F: validity times. Moments are reckoned from now, when the tests are collected."""

from datetime import UTC, datetime, timedelta
from typing import Any

from support.inputs.rows import Row, Wanted, accepted, create, patch, refused

NOW = datetime.now(UTC)
ENDS = refused(400, "BadRequest", "The time range end is in the past.", target="ValidUntil")
SPAN = refused(
    400, "BadRequest", "The time range is incorrect, or larger than 180 days.", target="ValidUntil"
)
STARTS = refused(
    400, "BadRequest", "Value is incorrect or more than 180 days in the future.", target="ValidFrom"
)
FROM = refused(400, "BadRequest", target=r"\$\.validFrom")
UNTIL = refused(400, "BadRequest", target=r"\$\.validUntil")
# A moment that a calendar may refuse either as no date or as one of the past.
NO_GOOD_END = Wanted((400,), "BadRequest", target=r"\$\.validUntil|ValidUntil")


def at(**shift: float) -> str:
    """A moment that far from now."""
    return (NOW + timedelta(**shift)).isoformat()


def window(valid_from: object = None, valid_until: object = None) -> dict[str, object]:
    return {"validFrom": valid_from, "validUntil": valid_until}


def lasts_180_days_from_the_request(_: object, made: dict[str, Any]) -> None:
    until, begun = (datetime.fromisoformat(made[name]) for name in ("validUntil", "createdAt"))
    assert abs(until - begun - timedelta(days=180)) < timedelta(seconds=5)


def is_cut_to_six_digits(_: object, made: dict[str, Any]) -> None:
    assert made["validFrom"].endswith(".123456+00:00"), made


def is_utc(_: object, made: dict[str, Any]) -> None:
    assert made["validFrom"].endswith("T10:00:00+00:00"), made


NO_DATES = (
    *(
        "2026-W01-1",
        "20260101T000000Z",
        "2026-01-01",
        "2026-001T00:00:00Z",
        "tomorrow",
        "",
        " ",
        "12:00:00Z",
    ),
    *(
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00Z",
        "2026-01-01T00:00:00,5Z",
        "2026-01-01T00:00:00.Z",
    ),
    *(
        "2026-01-01T00:00:00.12345678Z",
        "2026-01-01T00:00:00Z\n",
        " 2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00ZZ",
    ),
    *(
        "+2026-01-01T00:00:00Z",
        "-2026-01-01T00:00:00Z",
        "12026-01-01T00:00:00Z",
        "\uff12\uff10\uff12\uff16-01-01T00:00:00Z",
        "x" * 10_000,
    ),
)
NO_MOMENTS = (
    *(
        "2026-02-30T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T00:60:00Z",
    ),
    *(
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+00:60",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
    ),
    *("2026-01-00T00:00:00Z", "0000-01-01T00:00:00Z", "2027-02-29T00:00:00Z"),
)

NO_TEXTS: tuple[object, ...] = (1767225600, 1.5, True, {}, [], ["2026-01-01T00:00:00Z"])

ROWS = [
    Row("F01", "an end in the past", create(window(valid_until=at(seconds=-1))), ENDS),
    Row(
        "F01",
        "an end in the past, on update",
        patch("/rooms/<room>", window(valid_until=at(days=-1))),
        ENDS,
    ),
    Row("F01", "a whole window in the past", create(window(at(days=-3), at(days=-2))), ENDS),
    Row("F02", "200 days", create(window(at(), at(days=200))), SPAN),
    Row("F02", "200 days, on update", patch("/rooms/<room>", window(at(), at(days=200))), SPAN),
    Row("F03", "exactly 180 days", create(window(at(days=1), at(days=181))), accepted(201)),
    Row("F03", "180 days and a second", create(window(at(days=1), at(days=181, seconds=1))), SPAN),
    Row(
        "F03",
        "180 days and a microsecond",
        create(window(at(days=1), at(days=181, microseconds=1))),
        SPAN,
    ),
    Row("F04", "the end is the start", create(window(at(days=1), at(days=1))), SPAN),
    Row("F04", "the end before the start", create(window(at(days=2), at(days=1))), SPAN),
    Row(
        "F05", "both null", create(window()), accepted(201), came_to=lasts_180_days_from_the_request
    ),
    Row("F05", "both absent", create("{}"), accepted(201), came_to=lasts_180_days_from_the_request),
    Row(
        "F06",
        "only a start, in 10 days",
        create(window(at(days=10))),
        accepted(201),
        came_to=lasts_180_days_from_the_request,
    ),
    Row("F07", "a start 2 s ago", create(window(at(seconds=-2))), accepted(201)),
    *[Row("F08", f"validFrom {text[:30]!r}", create(window(text)), FROM) for text in NO_DATES],
    Row("F08", "validUntil as a date only", create(window(valid_until="2026-01-01")), UNTIL),
    Row(
        "F09",
        "no offset is UTC",
        create(window((NOW + timedelta(days=1)).strftime("%Y-%m-%dT10:00:00"))),
        accepted(201),
        came_to=is_utc,
    ),
    Row(
        "F10",
        "the end of the calendar",
        create(window(valid_until="9999-12-31T23:59:59Z")),
        refused(400, "BadRequest", target="ValidUntil|.*validUntil"),
    ),
    Row(
        "F10", "the end of the calendar as a start", create(window("9999-12-31T23:59:59Z")), STARTS
    ),
    Row(
        "F10",
        "beyond the calendar by its offset",
        create(window(valid_until="9999-12-31T23:59:59-01:00")),
        UNTIL,
    ),
    Row("F11", "the year 1 as a start", create(window("0001-01-01T00:00:00Z")), accepted(201)),
    Row("F11", "the year 1 as an end", create(window(valid_until="0001-01-01T00:00:00Z")), ENDS),
    Row(
        "F11", "before the year 1 by its offset", create(window("0001-01-01T00:00:00+01:00")), FROM
    ),
    Row(
        "F11",
        "the year 1 as a start, on update",
        patch("/rooms/<room>", window("0001-01-01T00:00:00Z")),
        SPAN,
    ),
    *[Row("F12", text, create(window(text)), FROM) for text in NO_MOMENTS],
    Row(
        "F13",
        "7 digits of a second",
        create(window(at(days=1)[:19] + ".1234567Z")),
        accepted(201),
        came_to=is_cut_to_six_digits,
    ),
    *[Row("F14", f"validFrom {value!r:.30}", create(window(value)), FROM) for value in NO_TEXTS],
    Row("F14", "an epoch as text", create(window("1767225600")), FROM),
    Row("F15", "PATCH with both null", patch("/rooms/<room>", window()), accepted(200)),
    Row(
        "F15",
        "PATCH with all three null",
        patch("/rooms/<room>", {**window(), "pstnDialOutEnabled": None}),
        accepted(200),
    ),
    Row(
        "F16",
        "only the end, more than 180 days off",
        patch("/rooms/<room>", {"validUntil": at(days=181)}),
        SPAN,
    ),
    Row(
        "F16",
        "only the start, after the stored end",
        patch("/rooms/<room>", {"validFrom": at(days=180, hours=1)}),
        STARTS,
    ),
    Row(
        "F16",
        "only the start, more than 180 days before the end",
        patch("/rooms/<room>", {"validFrom": at(days=-1)}),
        SPAN,
    ),
    Row("F17", "a start in 181 days", create(window(at(days=181))), STARTS),
    Row(
        "F17",
        "a start in 181 days, with an end",
        create(window(at(days=181), at(days=182))),
        STARTS,
    ),
    Row(
        "F17",
        "a start in 181 days, on update",
        patch("/rooms/<room>", {"validFrom": at(days=181)}),
        STARTS,
    ),
]
