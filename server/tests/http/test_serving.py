"""Which requests are one of the APIs, and which are for the pages and the calls."""

from datetime import UTC, datetime

import pytest

from openrooms.http.apis import Apis
from openrooms.http.authentication import Authentication, Tenant
from openrooms.http.problems import IDENTITY, ROOMS, Dialect
from openrooms.http.routing import Api
from openrooms.http.versions import Versions


class Nobody:
    """Knows no resource."""

    def serving(self, host: str) -> tuple[Tenant, ...]:
        return ()


def now() -> datetime:
    return datetime(2025, 1, 24, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "served"),
    [
        ("/rooms", True),
        ("/rooms/99", True),
        ("/roomsies", False),
        ("/", False),
        ("", False),
    ],
)
def test_an_api_is_told_by_the_first_segment(path: str, *, served: bool) -> None:
    apis = Apis([Api("rooms", ROOMS, Versions(("2025-03-13",)), [])], Authentication(Nobody(), now))

    assert apis.serve(path) is served


@pytest.mark.parametrize(
    ("target", "dialect"),
    [
        (b"/rooms?a=b", ROOMS),
        (b"/identities", IDENTITY),
        (b"/identities/8:acs:x", IDENTITY),
        (b"/identities?api-version=1", IDENTITY),
        (b"https://elsewhere/identities/x", IDENTITY),
        (b"/rooms/identities", ROOMS),
        (b"/identit", ROOMS),
        (b"/\xff", ROOMS),
        (b"identities", ROOMS),
        (b"", ROOMS),
    ],
)
def test_a_target_is_answered_in_the_words_of_its_api(target: bytes, dialect: Dialect) -> None:
    versions = Versions(("2025-03-13",))
    named = [Api("rooms", ROOMS, versions, []), Api("identities", IDENTITY, versions, [])]

    assert Apis(named, Authentication(Nobody(), now)).dialect(target) == dialect
