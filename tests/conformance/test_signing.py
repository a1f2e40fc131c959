"""Signatures in every form that published clients write them are taken, and no other."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import unquote

import pytest
from support.signed import Ask, Caller, Key

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
MOMENT = "Fri, 24 Jan 2025 10:00:00 GMT"
NOTHING = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
WHO = "8%3Aacs%3A5fa0c7bb-1111-4444-8888-0123456789ab_00000013-22e9-78c5-88f7-084822008c5e"
ROOMS = "/rooms?api-version=2025-03-13"


@pytest.mark.parametrize(
    ("method", "target", "body", "digest", "signature"),
    [
        (
            *("POST", ROOMS),
            '{"validFrom": null, "validUntil": null, "pstnDialOutEnabled": false}',
            "2xVVJJKx5brgL5bSWgeu9hhccJP/PkHHEzXUfUClsMI=",
            "tuArZtYzJeOkHa0KO2PPK2qPa6APoTAHRxbgAXhi2eM=",
        ),
        (
            *("GET", "/rooms/99430570737419440?api-version=2025-03-13", ""),
            NOTHING,
            "yHZcBvL/Ny/1eZ62GjUmeRoUtt6I1GtRid9jGJxkhVE=",
        ),
        (
            *("POST", f"/identities/{WHO}/:issueAccessToken?api-version=2023-10-01"),
            '{"scopes": ["voip"]}',
            "yHqHFVCkCet5I2S8l4rMDTBcoITg2aoD3GUebAeAKDU=",
            "DGlB1lno5pFcKk+FthBQuJ9BqJWvDUzu0e28ktvm44c=",
        ),
    ],
)
def test_we_sign_as_the_published_clients_do(
    method: str, target: str, body: str, digest: str, signature: str
) -> None:
    said = Key(KEY).headers(method, target, "localhost:8443", at=MOMENT, body=body.encode())

    assert said["x-ms-content-sha256"] == digest
    assert said["Authorization"] == (
        "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=" + signature
    )


def _sign(caller: Caller, ask: Ask, *, names: str, signs: str) -> Ask:
    """A request with a signature over `signs`, and the headers `names` in that order."""
    moment = format_datetime(datetime.now(UTC), usegmt=True)
    digest = base64.b64encode(hashlib.sha256(ask.body).digest()).decode()
    values = {
        "x-ms-date": moment,
        "date": moment,
        "host": caller.host,
        "x-ms-content-sha256": digest,
    }
    text = f"{ask.method}\n{signs}\n{';'.join(values[one] for one in names.split(';'))}"
    proof = hmac.digest(base64.b64decode(caller.key.text), text.encode(), "sha256")
    signature = base64.b64encode(proof).decode()
    sent: Mapping[str, str] = {name: values[name] for name in names.split(";") if name != "host"}
    authorization = f"HMAC-SHA256 SignedHeaders={names}&Signature={signature}"
    return Ask(ask.method, ask.target, ask.body, {**sent, "Authorization": authorization})


@pytest.mark.parametrize(
    "names",
    [
        "x-ms-date;host;x-ms-content-sha256",
        "date;host;x-ms-content-sha256",
        "host;x-ms-date;x-ms-content-sha256",
        "x-ms-date;date;host;x-ms-content-sha256",
    ],
)
def test_the_signed_headers_may_be_named_in_any_order_that_holds_them_all(
    caller: Caller, names: str
) -> None:
    ask = _sign(caller, Ask("GET", ROOMS), names=names, signs=ROOMS)

    assert caller.send(ask).status == 200


@pytest.mark.parametrize(
    "names",
    ["x-ms-date;host", "x-ms-date;x-ms-content-sha256", "host;x-ms-content-sha256"],
)
def test_a_signature_that_does_not_bind_all_is_denied(caller: Caller, names: str) -> None:
    ask = _sign(caller, Ask("GET", ROOMS), names=names, signs=ROOMS)

    assert caller.send(ask).status == 401


@pytest.mark.parametrize(
    ("target", "signs", "status"),
    [
        # The Python rooms client signs the target decoded.
        ("/rooms/%39%39430570737419440?api-version=2025-03-13", "decoded", 404),
        # The JavaScript clients sign the query as a form.
        ("/rooms/99430570737419440?api-version=2025-03-13&a=b~c", "form", 404),
        # Nobody signs another path.
        ("/rooms/99430570737419440?api-version=2025-03-13", "another", 401),
    ],
)
def test_a_target_may_be_signed_as_any_of_the_clients_writes_it(
    caller: Caller, target: str, signs: str, status: int
) -> None:
    written = {
        "decoded": unquote(target),
        "form": target.replace("~", "%7E"),
        "another": ROOMS,
    }
    names = "x-ms-date;host;x-ms-content-sha256"
    ask = _sign(caller, Ask("GET", target), names=names, signs=written[signs])

    answer = caller.send(ask)

    # What is signed well gets as far as the room that is not there.
    assert answer.status == status


def test_a_signature_may_be_sent_again(caller: Caller) -> None:
    names = "x-ms-date;host;x-ms-content-sha256"
    ask = _sign(caller, Ask("GET", ROOMS), names=names, signs=ROOMS)

    assert [caller.send(ask).status for _ in range(3)] == [200, 200, 200]


def test_what_some_clients_add_is_passed_over(caller: Caller) -> None:
    added = {"x-ms-hmac-string-to-sign-base64": "R0VU", "date": "yesterday"}

    assert caller.call(Ask("GET", ROOMS, headers=added)).status == 200
