"""The check that holds our table against recorded answers finds what is missing, and only that."""

import json
from collections.abc import Mapping
from pathlib import Path

from support.exchanges import flows
from support.recordings import missing

DENIAL = {"error": {"code": "BadRequest", "message": "Invalid room ID."}}
ADDRESS = "https://host.example/rooms/NotExistingRoomID?api-version=2023-03-31-preview"
HEADERS = {"Content-Type": "application/json; charset=utf-8", "x-ms-error-code": "BadRequest"}


def _recording(
    folder: Path, fields: Mapping[str, object], *, name: str = "getRoomWithUnexistingRoomId"
) -> Path:
    entry = {
        "RequestUri": ADDRESS,
        "RequestMethod": "GET",
        "RequestBody": None,
        "StatusCode": 400,
        "ResponseHeaders": {"Date": "any", **HEADERS},
        "ResponseBody": DENIAL,
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"Entries": [{**entry, **fields}]}))
    return path


def test_an_exchange_with_a_row_is_not_missing(tmp_path: Path) -> None:
    assert missing(_recording(tmp_path, {}), flows()) == (1, [])


def test_the_format_without_request_bodies_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "getRoomWithUnexistingRoomId.json"
    response = {"StatusCode": "400", "Body": json.dumps(DENIAL), **HEADERS}
    call = {"Method": "GET", "Uri": ADDRESS, "Response": response}
    path.write_text(json.dumps({"networkCallRecords": [call]}))

    assert missing(path, flows()) == (1, [])


def test_any_fact_that_differs_is_missing(tmp_path: Path) -> None:
    other = {"error": {"code": "BadRequest", "message": "Another text."}}
    changes: list[dict[str, object]] = [
        {"StatusCode": 404},
        {"RequestMethod": "DELETE"},
        {"RequestBody": {}},
        {"ResponseBody": other},
        {"ResponseHeaders": {**HEADERS, "x-ms-error-code": "Other"}},
        {"RequestUri": ADDRESS.replace("2023-03-31-preview", "2024-04-15")},
    ]

    found = [missing(_recording(tmp_path, change), flows()) for change in changes]

    assert [(count, len(lines)) for count, lines in found] == [(1, 1)] * len(changes)


def test_a_recording_that_no_flow_names_is_missing(tmp_path: Path) -> None:
    count, lines = missing(_recording(tmp_path, {}, name="another"), flows())

    assert (count, len(lines)) == (1, 1)
