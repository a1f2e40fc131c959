"""Every spelling that clients send finds its version; any other is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.http.errors import VersionAmbiguous, VersionMissing
from openrooms.http.versions import Versions, parse_version

VERSIONS = Versions(
    supported=("2023-06-14", "2023-10-30-preview", "2025-03-13"),
    deprecated=("2022-02-01",),
    aliases={"2025-02-28-preview": "2025-03-13"},
)


@pytest.mark.parametrize(
    ("asked", "version"),
    [
        ("2025-03-13", "2025-03-13"),
        ("ApiVersion.V2025_03_13", "2025-03-13"),
        ("apiversion.v2025_03_13", "2025-03-13"),
        ("ApiVersion.V2023_10_30_PREVIEW", "2023-10-30-preview"),
        ("2023-10-30-Preview", "2023-10-30-preview"),
        ("2025-02-28-Preview", "2025-03-13"),
    ],
)
def test_every_spelling_finds_its_version(asked: str, version: str) -> None:
    assert VERSIONS.choose([asked]) == version


def test_the_same_version_twice_is_no_contradiction() -> None:
    assert VERSIONS.choose(["2025-03-13", "2025-03-13"]) == "2025-03-13"


def test_two_versions_are_refused() -> None:
    with pytest.raises(VersionAmbiguous):
        VERSIONS.choose(["2025-03-13", "2023-06-14"])


@pytest.mark.parametrize("asked", [[], [""]])
def test_no_version_is_refused(asked: list[str]) -> None:
    with pytest.raises(VersionMissing):
        VERSIONS.choose(asked)


@pytest.mark.parametrize(
    "asked", ["1999-01-01", "2022-02-01", "ApiVersion.V1999_01_01", "2025-03-13 "]
)
def test_an_unknown_version_is_none(asked: str) -> None:
    assert VERSIONS.choose([asked]) is None


@given(st.text(max_size=2000).filter(bool))
def test_no_text_breaks_the_reader(asked: str) -> None:
    # Strategies try what they find in the code, too: a version that there is.
    is_known = parse_version(asked) in {*VERSIONS.supported, *VERSIONS.aliases}

    assert (VERSIONS.choose([asked]) is not None) == is_known


def test_every_answer_names_the_versions() -> None:
    assert VERSIONS.headers == {
        "api-supported-versions": "2023-06-14, 2023-10-30-preview, 2025-03-13",
        "api-deprecated-versions": "2022-02-01",
    }
    assert "api-deprecated-versions" not in Versions(supported=("2025-03-13",)).headers
