"""I: repeatable requests. What takes several requests stands in `test_repeats.py`."""

from support.inputs.rows import Request, Row, lines, post, refused
from support.inputs.rows import accepted as taken

GUID = "5fa0c7bb-1111-4444-8888-0123456789ab"
REJECTED = {"Repeatability-Result": "rejected"}
BAD = refused(400, "BadRequest", headers=REJECTED)
TOO_FAR = refused(412, headers=REJECTED)


def repeat(request_id: str | None, first_sent: str | None) -> Request:
    """A new room with the headers of a repeatable request; None: left out."""
    sent = lines({})
    if request_id is not None:
        sent += (("Repeatability-Request-ID", request_id),)
    if first_sent is not None:
        sent += (("Repeatability-First-Sent", first_sent),)
    request = post("/rooms", "{}")
    return Request(request.method, request.target, request.body, request.headers + sent)


ROWS = [
    *[
        Row("I01", f"first sent {text[:30]!r}", repeat(GUID, text), BAD)
        for text in (
            *(
                "yesterday",
                "",
                "0",
                "Mon, 99 Jan 2026 10:00:00 GMT",
                "Mon, 01 Jan 2026 10:00:00",
                "9" * 5000,
            ),
            *("2026-01-01", "Thu, 01 Jan 0000 00:00:00 GMT", "1767225600"),
        )
    ],
    *[
        Row("I02", f"request id {text[:30]!r}", repeat(text, "<date>"), BAD)
        for text in (
            *(
                "x",
                "",
                "1",
                GUID + "0",
                GUID.replace("-", ""),
                "{" + GUID + "}",
                "urn:uuid:" + GUID,
                "g" + GUID[1:],
            ),
            *("'; DROP TABLE repeat; --", "r" * 5000),
        )
    ],
    Row("I03", "first sent 6 minutes ago", repeat(GUID, "<date-6>"), TOO_FAR),
    Row("I03", "first sent in 6 minutes", repeat(GUID, "<date+6>"), TOO_FAR),
    Row("I03", "first sent in the year 1", repeat(GUID, "0001-01-01T00:00:00Z"), TOO_FAR),
    Row("I03", "first sent in the year 9999", repeat(GUID, "9999-12-31T23:59:59Z"), TOO_FAR),
    Row("I04", "only the id", repeat(GUID, None), BAD),
    Row("I04", "only the date", repeat(None, "<date>"), BAD),
    Row("I05", "neither", repeat(None, None), taken(201, repeatability_result="accepted")),
]
