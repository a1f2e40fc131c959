"""A server of the APIs alone, opened in this process."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from httpx2 import AsyncClient
from support.postgres import Postgres, running_postgres

from openrooms.app import open_site
from openrooms.config import Config
from openrooms.http.pages import Tarballs

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


def _anywhere(folder: Path) -> Config:
    return Config(data=folder / "data", https_port=0, http_port=0, media_port=0)


async def test_a_server_of_apis_alone_has_neither_calls_nor_pages_nor_an_engine(
    tmp_path: Path, postgres: Postgres
) -> None:
    with postgres.empty() as url:
        config = replace(_anywhere(tmp_path), database=url, api_only=True)
        async with open_site(config) as site, AsyncClient(base_url=site.browser_url) as client:
            health = await client.get("/health")
            asked = [
                (await client.get(path)).status_code
                for path in ("/", "/call", "/calling/v1/agent", "/.well-known/jwks.json")
            ]
            reported = await client.post("/engine/v1/events", content=b"{}")

    assert health.json()["parts"] == {"database": True}
    assert asked == [401, 401, 401, 200]
    assert reported.json()["error"]["code"] == "Denied"
    assert site.sdk == Tarballs()
    assert not (config.data / "engine.yaml").exists()


async def test_health_tells_when_the_database_is_away(tmp_path: Path) -> None:
    with running_postgres() as server, server.empty() as url:
        config = replace(_anywhere(tmp_path), database=url, api_only=True)
        async with open_site(config) as site, AsyncClient(base_url=site.browser_url) as client:
            server.stop()
            async with asyncio.timeout(10):
                answer = await client.get("/health")
                while answer.status_code == 200:
                    answer = await client.get("/health")

    assert answer.json()["parts"] == {"database": False}
