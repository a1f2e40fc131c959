"""What is in the npm packages: all that an app needs, and nothing else."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.packages import ROOT, SHOP, Tarball, handed_out, open_tarball

WORKSPACES = ("calling", "calling-effects")
ALWAYS = {
    "LICENSE",
    "README.md",
    "package.json",
    "dist/index.js",
    "dist/index.cjs",
    "dist/types-cjs/package.json",
}
NOTICES = "THIRD-PARTY-NOTICES.txt"
# Where a file of somebody else's package comes from.
INSIDE = re.compile(r".*node_modules/((?:@[^/]+/)?[^/]+)/")


@pytest.fixture(scope="module", params=WORKSPACES)
def tarball(request: pytest.FixtureRequest) -> Tarball:
    """Each of the packages, as the server hands it out."""
    return handed_out(request.param)


@pytest.fixture(scope="module")
def calling() -> Tarball:
    return handed_out("calling")


def test_the_package_holds_exactly_what_it_should(tarball: Tarball) -> None:
    sdk = tarball.path.name.startswith("openrooms-calling-1")
    notices = {NOTICES, "dist/SURFACE.md"} if sdk else set()
    types = tarball.declarations("dist/types") | tarball.declarations("dist/types-cjs")

    assert set(tarball.files) == ALWAYS | notices | types


def test_both_kinds_of_modules_get_the_same_types(tarball: Tarball) -> None:
    cjs = {name: text for name, text in tarball.files.items() if "/types-cjs/" in name}
    assert cjs.pop("dist/types-cjs/package.json").strip() == b'{ "type": "commonjs" }'

    assert {name.replace("-cjs", ""): text for name, text in cjs.items()} == {
        name: text for name, text in tarball.files.items() if "/types/" in name
    }


def test_the_sdk_needs_two_packages_and_no_more(calling: Tarball) -> None:
    assert calling.manifest["dependencies"] == {
        "@azure/communication-common": "^2.4.0",
        "@azure/logger": "^1.0.3",
    }
    assert not {"peerDependencies", "optionalDependencies"} & calling.manifest.keys()


def test_the_effects_need_nothing() -> None:
    manifest = handed_out("calling-effects").manifest

    assert not [key for key in manifest if key.endswith("ependencies")]


@pytest.mark.parametrize("entry", ["dist/index.js", "dist/index.cjs"])
def test_the_bundle_asks_for_its_dependencies_alone(
    tarball: Tarball, entry: str, tmp_path: Path
) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / entry).write_bytes(tarball.files[entry])

    taken = graph(tmp_path, entry, tmp_path)["inputs"]

    assert list(taken) == [entry]
    asked = {one["path"] for one in taken[entry]["imports"]}
    assert asked <= tarball.manifest.get("dependencies", {}).keys()


def test_the_version_is_one_that_ui_libraries_take(tarball: Tarball) -> None:
    # `^1.40.1` for the SDK and `^1.3.2` for the effects; a tag behind the number fits neither.
    version = re.fullmatch(r"1\.(\d+)\.\d+", tarball.manifest["version"])

    assert version is not None
    assert int(version[1]) > 40


def test_the_package_says_whose_it_is_and_may_be_shaken(tarball: Tarball) -> None:
    manifest = tarball.manifest

    assert manifest["license"] == "Apache-2.0"
    assert tarball.files["LICENSE"] == (ROOT / "LICENSE").read_bytes()
    assert manifest["author"] == "The OpenRooms project"
    assert manifest["name"].startswith("@openrooms/")
    assert manifest["sideEffects"] is False
    assert "private" not in manifest


def test_nothing_runs_while_the_package_is_installed(tarball: Tarball) -> None:
    scripts = tarball.manifest["scripts"]

    assert not {"preinstall", "install", "postinstall", "prepare"} & scripts.keys()


def test_its_page_names_the_tarball_that_it_is_in(tarball: Tarball) -> None:
    named = set(re.findall(r"openrooms-calling[\w.-]*\.tgz", tarball.text("README.md")))

    assert named
    assert all((SHOP / name).is_file() for name in named)


def test_its_page_links_to_nothing_that_is_not_there(tarball: Tarball) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", tarball.text("README.md"))

    assert set(links) <= set(tarball.files)


def test_whoever_is_inside_is_named_with_his_licence(calling: Tarball, tmp_path: Path) -> None:
    inside = packages_inside(tmp_path)
    notices = re.split(r"\n={80}\n", calling.text(NOTICES))[1:]
    texts = {
        head.split(" ")[0]: text for head, text in zip(notices[::2], notices[1::2], strict=True)
    }

    assert "livekit-client" in inside
    assert inside <= texts.keys()
    assert [name for name, text in texts.items() if len(text) < 400] == []


def packages_inside(folder: Path) -> set[str]:
    """Whose files are in the bundle, by what a build took in, and by the map of the largest part."""
    taken = graph(ROOT / "sdk/calling", "src/index.ts", folder)["inputs"]
    livekit = ROOT / "node_modules/livekit-client/dist/livekit-client.esm.mjs.map"
    sources = [*taken, *json.loads(livekit.read_text())["sources"]]
    return {found[1] for one in sources if (found := INSIDE.match(one))}


def graph(place: Path, entry: str, folder: Path) -> dict[str, Any]:
    """What a bundler takes in for an entry, and what it leaves to be imported."""
    told = folder / "graph.json"
    subprocess.run(
        [
            *(ROOT / "node_modules/.bin/esbuild", entry, "--bundle", "--external:@azure/*"),
            *("--platform=browser", "--log-level=error"),
            *(f"--metafile={told}", f"--outfile={folder / 'bundle.js'}"),
        ],
        cwd=place,
        check=True,
        timeout=60,
    )
    read: dict[str, Any] = json.loads(told.read_text())
    return read


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_another_build_elsewhere_gives_the_same_bytes(workspace: str, tmp_path: Path) -> None:
    folder = tmp_path / "another clone" / "sdk"
    shutil.copytree(ROOT / "sdk", folder, ignore=shutil.ignore_patterns("dist", "node_modules"))
    (folder.parent / "node_modules").symlink_to(ROOT / "node_modules")
    own = ROOT / "sdk" / workspace / "node_modules"
    if own.is_dir():
        (folder / workspace / "node_modules").symlink_to(own)

    subprocess.run(
        ["npm", "run", "--silent", "pack"],
        cwd=folder / workspace,
        env=os.environ | {"TZ": "Pacific/Auckland"},
        umask=0o077,
        check=True,
        capture_output=True,
        timeout=60,
    )

    (made,) = (folder.parent / "server/src/openrooms/static/sdk").glob("*.tgz")
    ours = handed_out(workspace)
    assert made.name == ours.path.name
    assert open_tarball(made).files == ours.files
    assert made.read_bytes() == ours.path.read_bytes()


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_what_is_named_of_others_stands_in_the_repository_as_it_was_built(workspace: str) -> None:
    kept = ROOT / "sdk" / workspace / NOTICES

    assert handed_out(workspace).files.get(NOTICES) == (
        kept.read_bytes() if kept.is_file() else None
    )
