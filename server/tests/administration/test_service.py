"""Commands reach a whole service that runs: what they change is live at once."""

import asyncio
import base64
import json
import ssl
import stat
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pytest
import websockets
from httpx2 import AsyncClient, Response
from tests.http.signed import signed_headers

from openrooms.app import Site, open_site
from openrooms.config import Config
from openrooms.kernel.clock import system_clock

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

VERSION = "api-version=2023-10-01"


@dataclass(frozen=True)
class Running:
    """A service that runs in this process, and a client as servers are."""

    data: Path
    site: Site
    client: AsyncClient

    async def resource(self, *words: str) -> dict[str, str]:
        """What a command on resources says."""
        facts: dict[str, str] = await self.command("resource", *words)
        return facts

    async def command(self, *words: str) -> Any:  # noqa: ANN401 - JSON, of each command another
        """What a command says, which is run as by a person beside the server."""
        command = [sys.executable, "-m", "openrooms", *words]
        process = await asyncio.create_subprocess_exec(
            *command, "--data", str(self.data), "--json", stdout=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(30):
            output, _ = await process.communicate()
        assert process.returncode == 0
        return json.loads(output)

    async def post(self, said: str, target: str, sent: object = None) -> Response:
        """A request signed with the key of a connection string."""
        key = base64.b64decode(said.partition("accesskey=")[2])
        host = self.site.endpoint.removeprefix("https://").rstrip("/")
        body = b"" if sent is None else json.dumps(sent).encode()
        headers = signed_headers(key, "POST", target, host=host, at=system_clock(), body=body)
        headers["content-type"] = "application/json"
        return await self.client.post(target, content=body, headers=headers)


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The event loop that serves people, one for all these tests."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="module")
async def running() -> AsyncIterator[Running]:
    with tempfile.TemporaryDirectory(prefix="or-") as made:
        data = Path(made) / "data"
        config = Config(data=data, https_port=0, http_port=0, media_port=0, probe_seconds=0)
        async with open_site(config) as site:
            tls = ssl.create_default_context(cafile=str(site.authority))
            async with AsyncClient(verify=tls, base_url=site.endpoint) as client:
                yield Running(data, site, client)


async def test_the_control_socket_is_there_for_its_owner(running: Running) -> None:
    assert stat.S_IMODE((running.data / "control.sock").lstat().st_mode) == 0o600


async def test_a_resource_is_live_as_soon_as_it_is_made_and_refused_once_deleted(
    running: Running,
) -> None:
    made = await running.resource("create", "clinic")
    target = f"/identities?{VERSION}"

    answer = await running.post(made["connectionString"], target)
    assert answer.status_code == 201
    assert answer.json()["identity"]["id"].startswith(f"8:acs:{made['id']}_")
    assert made["endpoint"] == running.site.endpoint

    rotated = await running.resource("rotate-key", "clinic", "primary")
    assert (await running.post(made["connectionString"], target)).status_code == 401
    assert (await running.post(made["secondaryConnectionString"], target)).status_code == 201
    assert (await running.post(rotated["connectionString"], target)).status_code == 201

    await running.resource("delete", "clinic")
    assert (await running.post(rotated["connectionString"], target)).status_code == 401
    assert (await running.post(running.site.connection_string, target)).status_code == 201


async def test_whoever_is_signed_in_is_signed_out_when_his_resource_is_deleted(
    running: Running,
) -> None:
    made = await running.resource("create", "hospital")
    sent = {"createTokenWithScopes": ["voip"]}
    answer = await running.post(made["connectionString"], f"/identities?{VERSION}", sent)
    token = answer.json()["accessToken"]["token"]
    url = running.site.browser_url.replace("http", "ws") + "calling/v1/agent"
    hello = {"id": 1, "op": "hello", "version": 1, "token": token, "displayName": "Ada"}

    async with websockets.connect(url) as agent, asyncio.timeout(10):
        await agent.send(json.dumps(hello))
        assert json.loads(await agent.recv())["ok"]["rawId"].startswith(f"8:acs:{made['id']}")
        await running.resource("delete", "hospital")
        told = json.loads(await agent.recv())

        assert told["event"] == "signedOut"
        with pytest.raises(websockets.ConnectionClosedError, match="4401"):
            await agent.recv()


async def test_a_new_signing_key_signs_at_once_and_both_are_published(running: Running) -> None:
    sent = {"createTokenWithScopes": ["voip"]}

    kept = (await running.command("signing-key", "rotate"))["keys"]
    answer = await running.post(running.site.connection_string, f"/identities?{VERSION}", sent)
    published = (await running.client.get("/.well-known/jwks.json")).json()["keys"]

    header = jwt.get_unverified_header(answer.json()["accessToken"]["token"])
    assert header["kid"] == kept[0]["id"]
    assert [key["kid"] for key in published] == [one["id"] for one in kept]
    assert [one["signs"] for one in kept] == [True, False]


async def test_a_host_name_is_certified_as_soon_as_it_is_given(running: Running) -> None:
    made = await running.command("resource", "create", "practice", "--host", "practice.localhost")
    port = int(running.site.endpoint.rsplit(":", 1)[1].strip("/"))
    context = ssl.create_default_context(cafile=str(running.site.authority))

    async with asyncio.timeout(10):
        _, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=context, server_hostname="practice.localhost"
        )
        writer.close()

    assert made["endpoint"] == f"https://practice.localhost:{port}/"
    assert made["uncertified"] == []
