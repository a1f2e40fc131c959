"""Both packages install by the server's URLs, plainly and in the vendor's place, and are the right ones."""

import base64
import hashlib
import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from support.packages import CALLING, EFFECTS, ROOT, in_the_vendors_place, install, run
from support.server import Server

pytestmark = pytest.mark.toolchain

TSC = ROOT / "node_modules/.bin/tsc"
# An app of each kind of module, in the words of TypeScript for Node.
APP = f"""
import {{ CallClient, Features, type Call, type CallEndReason }} from "{CALLING}";
import {{ BackgroundBlurEffect, DeepNoiseSuppressionEffect }} from "{EFFECTS}";

const client: CallClient = new CallClient();
export const why = (call: Call): CallEndReason | undefined => call.callEndReason;
export const environment = async (): Promise<string> =>
  (await client.feature(Features.DebugInfo).getEnvironmentInfo()).environment.browser;
export const able: Promise<boolean> = new BackgroundBlurEffect().isSupported();
export const named: "DeepNoiseSuppression" = new DeepNoiseSuppressionEffect().name;
// @ts-expect-error Types are there: were all of it `any`, this would be no error.
export const wrong: number = new BackgroundBlurEffect().name;
"""
NAMES = "console.log(JSON.stringify(Object.keys({module}).sort()))"


@pytest.fixture(scope="module")
def folder(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that was empty before both were installed, under the names that apps import."""
    made = tmp_path_factory.mktemp("an app")
    install(made, server, *in_the_vendors_place(server))
    return made


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:
        content: bytes = answer.read()
    return content


def installed(folder: Path, name: str) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(
        (folder / "node_modules" / name / "package.json").read_text()
    )
    return manifest


def test_the_checksums_are_those_of_what_is_handed_out(server: Server) -> None:
    origin = server.ready.browser_url.rstrip("/")
    told = json.loads(fetch(f"{origin}/sdk/packages.json"))["packages"]

    assert [one["installAs"] for one in told] == [CALLING, EFFECTS]
    assert [origin + one["path"] for one in told] == [
        server.ready.calling_sdk,
        server.ready.effects_sdk,
    ]
    contents = [fetch(origin + one["path"]) for one in told]
    assert [one["sha256"] for one in told] == [hashlib.sha256(one).hexdigest() for one in contents]
    assert [one["integrity"] for one in told] == [integrity(one) for one in contents]


def integrity(content: bytes) -> str:
    return f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}"


def test_both_install_by_their_urls_under_their_own_names(server: Server, tmp_path: Path) -> None:
    install(tmp_path, server, server.ready.calling_sdk, server.ready.effects_sdk)

    assert installed(tmp_path, "@openrooms/calling")["version"].startswith("1.")
    assert installed(tmp_path, "@openrooms/calling-effects")["version"].startswith("1.")


def test_both_stand_in_the_vendors_place_and_the_lock_keeps_their_checksums(
    server: Server, folder: Path
) -> None:
    told = json.loads(fetch(f"{server.ready.browser_url}sdk/packages.json"))["packages"]
    lock = json.loads((folder / "package-lock.json").read_text())["packages"]

    assert installed(folder, CALLING)["name"] == "@openrooms/calling"
    assert installed(folder, EFFECTS)["name"] == "@openrooms/calling-effects"
    assert [lock[f"node_modules/{one['installAs']}"]["integrity"] for one in told] == [
        one["integrity"] for one in told
    ]


def test_apps_may_import_the_logger_unlisted(folder: Path) -> None:
    run("node", "--eval", "require('@azure/logger').setLogLevel('warning')", folder=folder)


@pytest.mark.parametrize("name", [CALLING, EFFECTS])
def test_require_and_import_give_the_same_names(folder: Path, name: str) -> None:
    required = run("node", "--eval", NAMES.format(module=f"require('{name}')"), folder=folder)
    imported = run(
        *("node", "--input-type=module", "--eval"),
        NAMES.format(module=f"await import('{name}')"),
        folder=folder,
    )

    assert json.loads(required) == json.loads(imported)
    assert len(json.loads(required)) >= 5


@pytest.mark.parametrize("kind", ["mts", "cts"])
def test_types_are_found_by_both_kinds_of_modules(folder: Path, kind: str) -> None:
    app = folder / f"app.{kind}"
    app.write_text(APP)

    run(
        *(TSC, "--noEmit", "--strict", "--module", "node16", "--target", "es2022"),
        *("--types", "", "--lib", "es2022,dom,dom.iterable", "--skipLibCheck", app.name),
        folder=folder,
    )
