"""The official SDKs that the conformance suite drives: environments of their own, one for each version."""

import sys

from tools.steps import Step

# Each pairs a version of the rooms client with one of the identity client (locks/sdks-*.in).
PYTHON_VERSIONS = ("1.0", "1.1", "1.2")
JAVASCRIPT = "tests/conformance/javascript"
UV = ".venv/bin/uv"


def sdk_steps() -> list[Step]:
    """What a run of the suite needs, whichever SDKs it drives."""
    return [*(python_sdk(version) for version in PYTHON_VERSIONS), javascript_sdks()]


def python_sdk(version: str) -> Step:
    """An environment that holds one version of the Python SDKs, and nothing of ours."""
    lock = f"locks/sdks-{version}.txt"
    folder = f".build/sdks/python-{version}"
    python = f"{folder}/bin/python"
    return Step(
        name=f"sdks-python-{version}",
        says=f"Installing the official Python SDKs {version} ({lock})",
        inputs=(lock,),
        commands=(
            (UV, "venv", "--quiet", "--clear", "--python", ".venv/bin/python", folder),
            (UV, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", lock),
        ),
        outputs=(python,),
        kept=folder,
        made_with=sys.version,
    )


def javascript_sdks() -> Step:
    """All versions of the JavaScript SDKs, side by side under names of their own."""
    manifests = ("package.json", "package-lock.json", ".npmrc")
    return Step(
        name="sdks-javascript",
        says="Installing the official JavaScript SDKs",
        inputs=tuple(f"{JAVASCRIPT}/{name}" for name in manifests),
        commands=(("npm", "ci", "--no-fund", "--no-audit", "--prefix", JAVASCRIPT),),
        outputs=(f"{JAVASCRIPT}/node_modules/.package-lock.json",),
        kept=f"{JAVASCRIPT}/node_modules",
    )
