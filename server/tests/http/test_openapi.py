"""The descriptions are handed out to anyone, whole and no more often than needed."""

import json
from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette
from tests.http.test_description import THINGS

from openrooms.http.openapi import Descriptions

pytestmark = pytest.mark.anyio


@pytest.fixture
async def reader() -> AsyncIterator[httpx2.AsyncClient]:
    app = Starlette(routes=Descriptions([THINGS]).routes)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="https://rooms.example") as client:
        yield client


async def test_the_index_leads_to_every_version(reader: httpx2.AsyncClient) -> None:
    index = (await reader.get("/openapi")).json()

    assert index["apis"] == [
        {
            "name": "things",
            "title": "Things",
            "versions": {"1": "/openapi/things/1.json", "2": "/openapi/things/2.json"},
        }
    ]


async def test_a_document_is_the_one_that_the_api_describes(reader: httpx2.AsyncClient) -> None:
    answer = await reader.get("/openapi/things/2.json")

    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == THINGS.document("2")


async def test_a_document_that_is_known_is_not_sent_again(reader: httpx2.AsyncClient) -> None:
    tag = (await reader.get("/openapi/things/1.json")).headers["etag"]

    again = await reader.get("/openapi/things/1.json", headers={"If-None-Match": tag})

    assert (again.status_code, again.content) == (304, b"")


async def test_its_head_may_be_asked_for_alone(reader: httpx2.AsyncClient) -> None:
    assert (await reader.head("/openapi/things/1.json")).status_code == 200


@pytest.mark.parametrize("path", ["things/3", "nothings/1", "things/%2e%2e"])
async def test_what_is_not_described_is_not_found(reader: httpx2.AsyncClient, path: str) -> None:
    answer = await reader.get(f"/openapi/{path}.json")

    assert (answer.status_code, "/openapi" in answer.text) == (404, True)


async def test_every_document_can_be_written_to_a_file() -> None:
    documents = dict(Descriptions([THINGS]).documents())

    assert list(documents) == ["things/1.json", "things/2.json"]
    assert json.loads(documents["things/2.json"]) == THINGS.document("2")
    assert documents["things/2.json"].endswith(b"}\n")
