"""The official SDKs that the conformance suite drives: environments of their own, one for each version."""

import sys

from tools.steps import Step

# Each pairs a version of the rooms client with one of the identity client (locks/sdks-*.in).
PYTHON_VERSIONS = ("1.0", "1.1", "1.2")
JAVASCRIPT = "tests/conformance/javascript"
JAVA = "tests/conformance/java"
# Versions of the rooms client, each with one of the identity client. The last compiles the driver.
JAVA_VERSIONS = {"1.0.3": "1.2.0", "1.0.4": "1.4.10"}
JAVA_DRIVER = tuple(
    f"{JAVA}/{name}.java"
    for name in ("AsyncClients", "Clients", "Driver", "Heard", "Issuer", "SyncClients")
)
PYTHON = ".venv/bin/python"
UV = ".venv/bin/uv"


def sdk_steps() -> list[Step]:
    """What every run of the suite needs."""
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
            (UV, "venv", "--quiet", "--clear", "--python", PYTHON, folder),
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


def java_steps() -> list[Step]:
    """What a run with the Java SDKs needs, too."""
    return [*(java_sdk(version) for version in JAVA_VERSIONS), java_driver()]


def java_folder(version: str) -> str:
    return f".build/sdks/java-{version}"


def java_lock(version: str) -> str:
    return f"locks/sdks-java-{version}.txt"


def fetch_jars(version: str) -> tuple[str, ...]:
    """The command that puts a version of the Java SDKs, and all they need, into its folder."""
    return (
        *("mvn", "--quiet", "--batch-mode", "--strict-checksums", "--file", f"{JAVA}/pom.xml"),
        *("dependency:copy-dependencies", f"-Drooms={version}"),
        f"-Didentity={JAVA_VERSIONS[version]}",
        # Maven reckons from the folder of its file.
        f"-DoutputDirectory=${{project.basedir}}/../../../{java_folder(version)}",
    )


def java_sdk(version: str) -> Step:
    """One version of the Java SDKs, each file held against its hash."""
    lock = java_lock(version)
    folder = java_folder(version)
    return Step(
        name=f"sdks-java-{version}",
        says=f"Installing the official Java SDKs {version} ({lock})",
        inputs=(f"{JAVA}/pom.xml", lock),
        commands=(
            ("rm", "-rf", folder),
            fetch_jars(version),
            (PYTHON, "-m", "tools.jars", folder, lock),
        ),
        outputs=(folder,),
        kept=folder,
    )


def java_driver() -> Step:
    """Our driver, compiled against the newest: the older ones lack methods that it then does not call."""
    newest = java_folder([*JAVA_VERSIONS][-1])
    return Step(
        name="sdks-java-driver",
        says="Compiling the driver of the Java SDKs",
        inputs=(*JAVA_DRIVER, java_lock([*JAVA_VERSIONS][-1])),
        commands=(
            (
                *("javac", "-Xlint:all", "-Werror", "-cp", f"{newest}/*"),
                *("-d", ".build/sdks/java-driver", *JAVA_DRIVER),
            ),
        ),
        outputs=(".build/sdks/java-driver/Driver.class",),
        kept=".build/sdks/java-driver",
    )
