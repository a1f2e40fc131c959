"""Pages come from files, under a strict policy, and are not sent twice for nothing."""

import base64
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette

from openrooms.http.pages import Pages, Tarballs

pytestmark = pytest.mark.anyio

TARBALL = b"a tarball"
FILES = {
    "pages/index.html": b"<!doctype html><title>landing</title>",
    "pages/call.html": b"<!doctype html><title>call</title>",
    "pages/sample.html": b"<!doctype html><title>sample</title>",
    "pages/robots.txt": b"none",
    "pages/assets/main-a1b2.js": b"export {}",
    "pages/assets/odd.zzz": b"?",
    "sdk/openrooms-calling-1.90.0.tgz": TARBALL,
    "sdk/openrooms-calling-effects-1.91.0.tgz": b"another",
    "sdk/packages.json": b"{}",
    "elsewhere/secret": b"secret",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path


def client_of(pages: Pages) -> AsyncClient:
    transport = ASGITransport(app=Starlette(routes=pages.routes()))
    return AsyncClient(transport=transport, base_url="http://localhost")


@pytest.fixture
async def client(folder: Path) -> AsyncIterator[AsyncClient]:
    async with client_of(Pages(folder)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("path", "content", "media_type"),
    [
        ("/", FILES["pages/index.html"], "text/html; charset=utf-8"),
        ("/call", FILES["pages/call.html"], "text/html; charset=utf-8"),
        ("/robots.txt", b"none", "text/plain; charset=utf-8"),
        ("/assets/main-a1b2.js", b"export {}", "text/javascript; charset=utf-8"),
        ("/assets/odd.zzz", b"?", "application/octet-stream"),
        ("/sdk/openrooms-calling-1.90.0.tgz", TARBALL, "application/gzip"),
        ("/sdk/openrooms-calling-effects-1.91.0.tgz", b"another", "application/gzip"),
        ("/sdk/packages.json", b"{}", "application/json"),
    ],
)
async def test_each_file_is_handed_out_as_what_it_is(
    client: AsyncClient, path: str, content: bytes, media_type: str
) -> None:
    answer = await client.get(path)

    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == media_type


@pytest.mark.parametrize("path", ["/", "/call", "/sample"])
async def test_a_page_is_guarded(client: AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    policy = headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert (
        "camera=(self), microphone=(self), display-capture=(self)" in headers["permissions-policy"]
    )


async def test_the_call_page_may_have_empty_style_elements_and_no_other_page(
    client: AsyncClient,
) -> None:
    empty = base64.b64encode(hashlib.sha256(b"").digest()).decode()
    policies = {
        path: (await client.get(path)).headers["content-security-policy"]
        for path in ("/", "/call", "/sample", "/assets/main-a1b2.js")
    }

    assert f"style-src 'self' 'sha256-{empty}';" in policies.pop("/call")
    assert {"style-src 'self';" in policy for policy in policies.values()} == {True}
    assert not [policy for policy in policies.values() if "sha256" in policy]


async def test_what_has_its_content_in_its_name_is_kept_for_ever(client: AsyncClient) -> None:
    assert "immutable" in (await client.get("/assets/main-a1b2.js")).headers["cache-control"]
    assert (await client.get("/call")).headers["cache-control"] == "no-cache"


async def test_the_tarball_is_tagged_by_its_content(client: AsyncClient) -> None:
    answer = await client.get("/sdk/openrooms-calling-1.90.0.tgz")

    assert answer.headers["etag"] == f'"{hashlib.sha256(TARBALL).hexdigest()}"'


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}'])
async def test_a_file_that_the_client_has_is_not_sent_again(client: AsyncClient, form: str) -> None:
    tag = (await client.get("/call")).headers["etag"]

    answer = await client.get("/call", headers={"if-none-match": form.format(tag)})

    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/elsewhere/secret", "/assets/../call.html", "/assets/%2e%2e/%2e%2e/elsewhere/secret"]
)
async def test_nothing_else_is_handed_out(client: AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_a_page_takes_no_post(client: AsyncClient) -> None:
    assert (await client.post("/call")).status_code == 405


async def test_pages_that_are_not_built_say_so(tmp_path: Path) -> None:
    pages = Pages(tmp_path / "nowhere")
    async with client_of(pages) as client:
        answer = await client.get("/call")

    assert answer.status_code == 404
    assert "make build" in answer.text
    assert pages.tarballs("") == Tarballs(None, None)


def test_each_package_has_its_own_tarball(folder: Path) -> None:
    assert Pages(folder).tarballs("http://localhost:8080") == Tarballs(
        "http://localhost:8080/sdk/openrooms-calling-1.90.0.tgz",
        "http://localhost:8080/sdk/openrooms-calling-effects-1.91.0.tgz",
    )


def test_the_effects_alone_are_not_taken_for_the_sdk(folder: Path) -> None:
    (folder / "sdk/openrooms-calling-1.90.0.tgz").unlink()

    assert Pages(folder).tarballs("").calling is None
