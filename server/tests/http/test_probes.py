"""Those who keep an eye on us hear what works, and when to send visitors elsewhere."""

import pytest
from httpx2 import ASGITransport, AsyncClient, Response
from starlette.applications import Starlette

from openrooms.http.probes import Probes, metrics_route

pytestmark = pytest.mark.anyio


def probes(*, engine: bool) -> Probes:
    async def database_trouble() -> str | None:
        return None

    async def engine_trouble() -> str | None:
        return None if engine else "it ended"

    return Probes({"database": database_trouble, "engine": engine_trouble}, "1.2.3")


async def ask(asked: Probes, path: str, scheme: str = "https") -> Response:
    transport = ASGITransport(app=Starlette(routes=[*asked.routes, metrics_route()]))
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


async def test_metrics_are_told_in_prometheus_text_form() -> None:
    answer = await ask(probes(engine=True), "/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "\nopenrooms_requests_running " in answer.text
