"""Those who keep an eye on us hear what works, and when to send visitors elsewhere."""

from datetime import UTC, datetime, timedelta

import pytest
from httpx2 import ASGITransport, AsyncClient, Response
from starlette.applications import Starlette

from openrooms.http.probes import Probes, metrics_route

pytestmark = pytest.mark.anyio


EIGHT = datetime(2026, 5, 4, 8, tzinfo=UTC)
MEDIA = "no way to the engine's media"


def probes(*, engine: bool, media: str | None = None) -> Probes:
    async def database_trouble() -> str | None:
        return None

    async def engine_trouble() -> str | None:
        return None if engine else "it ended"

    return Probes(
        {"database": database_trouble, "engine": engine_trouble},
        "1.2.3",
        probed=lambda: {} if media is None else {"signalling": None, "media": media or None},
        clock=lambda: EIGHT,
    )


async def ask(asked: Probes, path: str, scheme: str = "https") -> Response:
    transport = ASGITransport(app=Starlette(routes=[*asked.routes, metrics_route(asked)]))
    async with AsyncClient(transport=transport, base_url=f"{scheme}://localhost") as client:
        return await client.get(path)


@pytest.mark.parametrize(
    ("engine", "status", "said"), [(True, 200, "ok"), (False, 503, "unavailable")]
)
async def test_health_says_what_works(*, engine: bool, status: int, said: str) -> None:
    answer = await ask(probes(engine=engine), "/health")

    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "status": said,
        "version": "1.2.3",
        "parts": {"database": True, "engine": engine},
        "calls": {},
        "states": {
            "database": {"works": True, "since": "2026-05-04T08:00:00.000Z"},
            "engine": {"works": engine, "since": "2026-05-04T08:00:00.000Z"},
        },
    }


@pytest.mark.parametrize(
    ("engine", "status", "said"), [(True, 200, "ready"), (False, 503, "unavailable")]
)
async def test_visitors_are_welcome_while_every_part_works(
    *, engine: bool, status: int, said: str
) -> None:
    answer = await ask(probes(engine=engine), "/ready")

    assert (answer.status_code, answer.json()["status"]) == (status, said)
    assert answer.json()["parts"]["engine"] is engine


@pytest.mark.parametrize("path", ["/health", "/ready"])
async def test_what_is_wrong_is_told_on_this_machine_alone(path: str) -> None:
    near, far = [await ask(probes(engine=False), path, scheme) for scheme in ("http", "https")]
    well = await ask(probes(engine=True), path, "http")

    assert near.json()["troubles"] == {"engine": "it ended"}
    assert "troubles" not in far.json()
    assert "troubles" not in well.json()


async def test_before_we_end_visitors_are_turned_away_and_we_are_still_well() -> None:
    asked = probes(engine=True)
    asked.leave()

    ready, health = await ask(asked, "/ready"), await ask(asked, "/health")

    assert (ready.status_code, ready.json()["status"]) == (503, "stopping")
    assert health.status_code == 200


async def test_health_is_bad_while_calls_do_not_succeed_and_visitors_are_welcome() -> None:
    asked = probes(engine=True, media=MEDIA)

    health, ready = await ask(asked, "/health", "http"), await ask(asked, "/ready", "http")

    assert health.status_code == 503
    assert health.json()["calls"] == {"signalling": True, "media": False}
    assert health.json()["parts"] == {"database": True, "engine": True}
    assert health.json()["troubles"] == {"media": MEDIA}
    # The APIs are served, and another server could not have the calls.
    assert ready.status_code == 200
    assert "troubles" not in ready.json()


async def test_since_when_a_part_is_as_it_is_is_told_and_what_was_wrong_last() -> None:
    moments = [EIGHT + timedelta(minutes=minute) for minute in range(4)]
    found: list[dict[str, str | None]] = [{"media": None}, {"media": MEDIA}, {}, {"media": None}]
    coming, now = iter(found), iter(moments)
    asked = Probes({}, "1.2.3", probed=lambda: next(coming), clock=lambda: next(now))

    near = [(await ask(asked, "/health", "http")).json() for _ in found]

    assert near[0]["states"]["media"] == {"works": True, "since": "2026-05-04T08:00:00.000Z"}
    wrong = {"at": "2026-05-04T08:01:00.000Z", "what": MEDIA}
    since = "2026-05-04T08:01:00.000Z"
    assert near[1]["states"]["media"] == {"works": False, "since": since, "lastTrouble": wrong}
    # What nobody has come to lately is not told of.
    assert (near[2]["states"], near[2]["status"]) == ({}, "ok")
    since = "2026-05-04T08:03:00.000Z"
    assert near[3]["states"]["media"] == {"works": True, "since": since, "lastTrouble": wrong}


async def test_what_was_wrong_last_is_told_on_this_machine_alone() -> None:
    far = await ask(probes(engine=True, media=MEDIA), "/health", "https")

    assert MEDIA not in far.text
    assert far.json()["states"]["media"]["works"] is False


async def test_metrics_say_of_each_part_whether_it_works_and_nothing_of_one_unknown() -> None:
    known = await ask(probes(engine=True, media=MEDIA), "/metrics")
    unknown_now = probes(engine=True, media=MEDIA)
    await unknown_now.look()
    unknown_now.probed = dict
    unknown = await ask(unknown_now, "/metrics")

    assert 'openrooms_part_works{part="engine"} 1.0' in known.text
    assert 'openrooms_part_works{part="media"} 0.0' in known.text
    assert 'part="media"' not in unknown.text


async def test_what_others_count_is_on_the_same_page() -> None:
    async def theirs() -> bytes:
        return b"theirs 1\n"

    asked = probes(engine=True)
    transport = ASGITransport(app=Starlette(routes=[metrics_route(asked, theirs)]))
    async with AsyncClient(transport=transport, base_url="http://localhost") as client:
        page = (await client.get("/metrics")).text

    assert "\nopenrooms_requests_running " in page
    assert page.endswith("\ntheirs 1\n")


async def test_metrics_are_told_in_prometheus_text_form() -> None:
    answer = await ask(probes(engine=True), "/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "\nopenrooms_requests_running " in answer.text
