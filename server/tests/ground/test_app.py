"""The whole service, opened in this process: who reaches what, by which listener, and how it ends."""

import asyncio
import base64
import contextlib
import json
import os
import signal
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import jwt
import psutil
import pytest
import websockets
from httpx2 import AsyncClient
from tests.http.signed import signed_headers

from openrooms import engine_part
from openrooms.app import Site, open_site, serve
from openrooms.config import Config
from openrooms.engine_part import find_engine, report_url
from openrooms.http.listening import PortUnusable
from openrooms.kernel.clock import system_clock
from openrooms.media.errors import EngineFailed
from openrooms.place import Doors
from openrooms.storage.errors import DataDirectoryInUse
from openrooms_engine import EngineUnusable, binary

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

VERSION = "api-version=2025-03-13"


@dataclass(frozen=True)
class Running:
    """A service that runs in this process."""

    config: Config
    site: Site

    @property
    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.site.authority))

    @property
    def host(self) -> str:
        return self.site.endpoint.removeprefix("https://").rstrip("/")

    @property
    def plain_port(self) -> int:
        """The port of the plain listener, by the engine's settings, which name it."""
        settings = json.loads((self.config.data / "engine.yaml").read_text())
        return int(urlsplit(settings["webhook"]["urls"][0]).port)

    @property
    def key(self) -> bytes:
        key = self.site.connection_string.partition("accesskey=")[2]
        return base64.b64decode(key)

    def signed(self, method: str, target: str, body: bytes = b"") -> dict[str, str]:
        return signed_headers(
            self.key, method, target, host=self.host, at=system_clock(), body=body
        )


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The event loop that serves people, one for all these tests."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    data = tmp_path_factory.mktemp("site") / "data"
    # What the server says of itself here is of its parts alone.
    config = Config(data=data, https_port=0, http_port=0, media_port=0, demo=True, probe_seconds=0)
    async with open_site(config) as site:
        yield Running(config, site)


@pytest.fixture(scope="module")
async def servers(running: Running) -> AsyncIterator[AsyncClient]:
    """A client as servers are: in TLS."""
    async with AsyncClient(verify=running.tls, base_url=running.site.endpoint) as client:
        yield client


@pytest.fixture(scope="module")
async def browsers(running: Running) -> AsyncIterator[AsyncClient]:
    """A client as browsers on this machine are: in plain HTTP."""
    async with AsyncClient(base_url=running.site.browser_url) as client:
        yield client


async def test_a_signed_request_makes_a_room(running: Running, servers: AsyncClient) -> None:
    target, body = f"/rooms?{VERSION}", b"{}"
    headers = running.signed("POST", target, body) | {"content-type": "application/json"}

    answer = await servers.post(target, content=body, headers=headers)

    assert answer.status_code == 201
    assert answer.headers["location"] == answer.json()["id"]


async def test_an_unsigned_request_is_denied(servers: AsyncClient, browsers: AsyncClient) -> None:
    assert (await servers.get(f"/rooms?{VERSION}")).status_code == 401
    assert (await browsers.get(f"/rooms?{VERSION}")).status_code == 401


async def test_health_is_told_by_both_listeners(
    servers: AsyncClient, browsers: AsyncClient
) -> None:
    answer = await servers.get("/health")

    assert answer.status_code == 200
    assert answer.json()["parts"] == {"database": True, "engine": True}
    assert (await browsers.get("/health")).status_code == 200


async def test_a_name_that_is_not_ours_reads_nothing_on_this_machine(
    browsers: AsyncClient,
) -> None:
    rebound = {"host": "attacker.example"}

    assert (await browsers.get("/metrics", headers=rebound)).status_code == 421
    assert (await browsers.get("/", headers=rebound)).status_code == 421


async def test_metrics_are_told_on_this_machine_alone(
    servers: AsyncClient, browsers: AsyncClient
) -> None:
    outside, inside = await servers.get("/metrics"), await browsers.get("/metrics")

    assert outside.status_code == 401
    assert inside.status_code == 200
    assert "openrooms_engine_starts_total" in inside.text


async def test_a_server_that_is_told_to_stop_first_turns_visitors_away(tmp_path: Path) -> None:
    config = Config(
        data=tmp_path / "data", https_port=0, http_port=0, media_port=0, turn_away_seconds=2
    )
    site_open = asyncio.Event()
    told: list[str] = []

    async def run() -> None:
        async with open_site(config) as site:
            told.append(site.browser_url)
            site_open.set()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run())
        await site_open.wait()
        async with AsyncClient(base_url=told[0]) as client:
            ready, health = await client.get("/ready"), await client.get("/health")

    assert (ready.status_code, ready.json()["status"]) == (503, "stopping")
    assert health.status_code == 200


async def test_the_descriptions_of_the_apis_are_handed_out_to_anyone(
    servers: AsyncClient, browsers: AsyncClient
) -> None:
    for_servers = await servers.get("/openapi/rooms/2025-03-13.json")
    for_browsers = await browsers.get("/openapi/rooms/2025-03-13.json")

    assert for_servers.json() == for_browsers.json()
    assert for_servers.json()["info"]["version"] == "2025-03-13"
    listed = (await browsers.get("/openapi")).json()["apis"]
    assert {one["name"] for one in listed} == {"rooms", "identity", "openrooms"}


async def test_a_demo_token_is_signed_by_a_published_key_for_the_browsers_url(
    running: Running, browsers: AsyncClient
) -> None:
    assert running.site.demo is not None
    token = running.site.demo.links[0].url.partition("token=")[2].partition("&")[0]
    keys = (await browsers.get("/.well-known/jwks.json")).json()["keys"]

    claims = jwt.decode(token, jwt.PyJWK(keys[0]).key, algorithms=["ES256"])

    assert claims["iss"] == running.site.browser_url.rstrip("/")


async def test_engine_reports_are_taken_from_this_machine_alone(
    servers: AsyncClient, browsers: AsyncClient
) -> None:
    outside = await servers.post("/engine/v1/events", content=b"{}")
    inside = await browsers.post("/engine/v1/events", content=b"{}")

    assert (outside.status_code, outside.json()["error"]["code"]) == (401, "Denied")
    assert (inside.status_code, inside.content) == (401, b"")


async def test_the_agent_socket_opens_on_both_listeners(running: Running) -> None:
    path = "calling/v1/agent"
    secure = f"wss://{running.host}/{path}"
    async with websockets.connect(secure, ssl=running.tls) as socket_:
        await socket_.send("no hello")
        with pytest.raises(websockets.ConnectionClosed):
            await socket_.recv()

        assert socket_.close_code == 4400
    plain = running.site.browser_url.replace("http", "ws") + path
    async with websockets.connect(plain) as socket_:
        await socket_.close()


async def test_a_large_message_of_an_agent_is_cut_off(running: Running) -> None:
    url = running.site.browser_url.replace("http", "ws") + "calling/v1/agent"
    async with websockets.connect(url) as socket_:
        await socket_.send("x" * (64 * 1024 + 1))
        with pytest.raises(websockets.ConnectionClosed):
            await socket_.recv()

        assert socket_.close_code == 1009


async def test_the_gate_is_shut_to_who_has_no_ticket(browsers: AsyncClient) -> None:
    answer = await browsers.get("/calling/v1/media/rtc/v1/validate?access_token=nothing")

    assert answer.status_code == 403
    assert answer.json()["error"]["subCode"] == 10009


async def test_a_second_server_on_the_directory_is_told_so(running: Running) -> None:
    with pytest.raises(DataDirectoryInUse, match=str(running.config.data)):
        async with open_site(running.config):
            pass


@pytest.mark.parametrize("name", ["https_port", "http_port"])
async def test_a_busy_port_leaves_nothing_behind(tmp_path: Path, name: str) -> None:
    config = Config(data=tmp_path / "data", https_port=0, http_port=0, media_port=0)
    with socket.create_server(("127.0.0.1", 0)) as other:
        busy = replace(config, **{name: other.getsockname()[1]})

        with pytest.raises(PortUnusable):
            async with open_site(busy):
                pass

    assert not config.data.exists()


async def test_a_busy_media_port_leaves_nothing_behind(tmp_path: Path) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        config = Config(data=tmp_path / "data", https_port=0, http_port=0, media_port=port)

        with pytest.raises(EngineFailed, match=str(port)):
            async with open_site(config):
                pass

    assert not config.data.exists()


async def test_an_engine_that_is_not_whole_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unusable() -> Path:
        raise EngineUnusable("not the program that was built")

    monkeypatch.setattr(engine_part, "binary", unusable)
    config = Config(data=tmp_path / "data", https_port=0, http_port=0, media_port=0)

    with pytest.raises(EngineFailed, match=r"^Media engine: not the program that was built\.$"):
        async with open_site(config):
            pass
    assert not config.data.exists()


def test_the_engine_is_the_packages_unless_another_is_named(tmp_path: Path) -> None:
    assert find_engine(Config(data=tmp_path)) == binary()
    assert find_engine(Config(data=tmp_path, engine_binary=tmp_path)) == tmp_path


async def test_a_signal_ends_the_service_and_frees_its_ports(tmp_path: Path) -> None:
    seen: list[Site] = []
    config = Config(data=tmp_path / "data", https_port=0, http_port=0, media_port=0)

    def ready(site: Site) -> None:
        seen.append(site)
        os.kill(os.getpid(), signal.SIGTERM)

    await serve(config, ready)

    [site] = seen
    assert site.demo is None
    port = int(site.endpoint.rstrip("/").rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        pass


async def test_a_public_name_is_reached_in_tls_and_is_in_the_tokens(tmp_path: Path) -> None:
    # Another address of this machine alone stands for one that others reach.
    config = Config(
        data=tmp_path / "data",
        https_port=0,
        http_port=0,
        media_port=0,
        public_host="127.0.0.2",
        demo=True,
    )
    async with open_site(config) as site:
        running = Running(config, site)
        async with AsyncClient(verify=running.tls, base_url=site.browser_url) as client:
            health = await client.get("/health")
        opened = await asyncio.to_thread(_is_open, "127.0.0.2", running.plain_port)

    assert health.status_code == 200
    assert site.browser_url == site.endpoint == f"https://{running.host}/"
    assert running.host.startswith("127.0.0.2:")
    assert site.demo is not None
    assert site.demo.links[0].url.startswith(f"https://{running.host}/call#")
    assert not opened


def _is_open(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def _kill_engine_of(folder: Path) -> None:
    for child in psutil.Process().children(recursive=True):
        # Processes of earlier tests may be on their way out.
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.name() == "livekit-server" and str(folder) in " ".join(child.cmdline()):
                child.kill()


async def test_health_tells_when_the_engine_is_away(tmp_path: Path) -> None:
    config = Config(
        data=tmp_path / "data", https_port=0, http_port=0, media_port=0, probe_seconds=0
    )
    async with open_site(config) as site:
        _kill_engine_of(tmp_path)
        async with AsyncClient(base_url=site.browser_url) as client, asyncio.timeout(10):
            answer = await client.get("/health")
            while answer.status_code == 200:
                answer = await client.get("/health")

    assert answer.status_code == 503
    assert answer.json()["parts"] == {"database": True, "engine": False}


@pytest.mark.parametrize(
    ("host", "endpoint", "browsers"),
    [
        (None, "https://localhost:{https}", "http://localhost:{http}"),
        ("rooms.example", "https://rooms.example:{https}", "https://rooms.example:{https}"),
        ("fd00::7", "https://[fd00::7]:{https}", "https://[fd00::7]:{https}"),
        ("10.0.0.7", "https://10.0.0.7:{https}", "https://10.0.0.7:{https}"),
    ],
)
def test_urls_name_the_public_host(host: str | None, endpoint: str, browsers: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("", 0)) as two:
        doors = Doors([one], [two], host)
        ports = {"https": one.getsockname()[1], "http": two.getsockname()[1]}

        assert doors.endpoint == endpoint.format(**ports)
        assert doors.endpoint_under("other.example") == f"https://other.example:{ports['https']}"
        assert doors.browser_url == browsers.format(**ports)
        assert report_url(doors.report_port) == f"http://127.0.0.1:{ports['http']}/engine/v1/events"


def test_urls_name_the_port_under_which_somebody_passes_connections_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as one:
        doors = Doors([one], [one], "rooms.example", 443)

    assert doors.browser_url == doors.endpoint == "https://rooms.example"
