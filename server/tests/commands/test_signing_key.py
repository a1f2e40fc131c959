"""`openrooms signing-key` on a database that no server holds, and what it prints."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from openrooms.cli import main


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["signing-key", *words, "--data", str(data)])


def keys(data: Path, *words: str) -> list[dict[str, object]]:
    """What a command says of the keys as JSON."""
    result = run(data, *words, "--json")
    assert result.exit_code == 0, result.output
    told: list[dict[str, object]] = json.loads(result.stdout)["keys"]
    return told


def test_a_rotation_leaves_the_old_key_verifying(data: Path) -> None:
    assert keys(data, "list") == []

    first = keys(data, "rotate")
    second = keys(data, "rotate")

    assert [one["signs"] for one in second] == [True, False]
    assert second[1]["id"] == first[0]["id"]
    listed = run(data, "list").stdout.splitlines()
    assert listed[1].endswith("signs")
    assert f"verifies until {second[1]['verifiesUntil']}" in listed[2]


def test_a_key_in_use_is_retired_by_force_alone(data: Path) -> None:
    keys(data, "rotate")
    old = str(keys(data, "rotate")[1]["id"])

    refused = run(data, "retire", old)

    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"error: Signing key {old}: tokens that it has signed")
    assert len(keys(data, "retire", old, "--force")) == 1
