"""`openrooms resource` on a database that no server holds, and what it prints."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from openrooms.cli import main
from openrooms.storage.folder import hold_folder

STRING = r"endpoint=https://localhost:8443/;accesskey="


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["resource", *words, "--data", str(data)])


def told(data: Path, *words: str) -> dict[str, object]:
    """What a command says as JSON."""
    result = run(data, *words, "--json")
    assert result.exit_code == 0, result.output
    facts: dict[str, object] = json.loads(result.stdout)
    return facts


def test_a_new_resource_comes_with_its_connection_strings(data: Path) -> None:
    made = run(data, "create", "clinic", "--host", "Clinic.Example")

    assert made.exit_code == 0
    assert made.stdout.startswith("Created resource clinic.\n")
    assert made.stdout.count("endpoint=https://clinic.example:8443/;accesskey=") == 2
    assert "  hosts       clinic.example\n" in made.stdout


def test_a_host_that_the_certificate_cannot_name_is_noted(data: Path) -> None:
    note = "  note        the server's own certificate cannot name clinic.example.\n"

    assert note in run(data, "create", "clinic", "--host", "clinic.example").stdout
    assert "note" not in run(data, "set-hosts", "clinic", "clinic.localhost", "127.0.0.1").stdout


def test_a_list_shows_everyone_and_no_key(data: Path) -> None:
    made = told(data, "create", "clinic")

    listed = run(data, "list")

    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["NAME", "default", "clinic"]
    assert "accesskey" not in listed.output
    assert "accesskey" not in run(data, "list", "--json").output
    assert str(made["id"]) in listed.stdout


def test_keys_are_shown_only_when_asked_for(data: Path) -> None:
    made = told(data, "create", "clinic")

    assert "accesskey" not in run(data, "show", "clinic").output
    shown = told(data, "show", "clinic", "--keys")
    assert shown["connectionString"] == made["connectionString"]
    assert shown["secondaryConnectionString"] == made["secondaryConnectionString"]
    assert str(made["connectionString"]).startswith(STRING)


def test_a_rotated_key_is_printed_alone(data: Path) -> None:
    before = told(data, "show", "--keys")

    rotated = run(data, "rotate-key", "default", "primary")
    after = told(data, "show", "--keys")

    assert rotated.stdout.count("accesskey=") == 1
    assert str(after["connectionString"]) in rotated.stdout
    assert after["connectionString"] != before["connectionString"]
    assert after["secondaryConnectionString"] == before["secondaryConnectionString"]


def test_the_only_resource_need_not_be_named(data: Path) -> None:
    assert told(data, "rotate-key", "secondary")["name"] == "default"
    told(data, "create", "clinic")

    several = run(data, "rotate-key", "secondary")

    assert several.exit_code == 1
    assert "Name one" in several.stderr


@pytest.mark.parametrize("words", [["tertiary"], ["clinic"], ["a", "b", "primary"]])
def test_a_key_that_is_not_there_is_misuse(data: Path, words: list[str]) -> None:
    result = run(data, "rotate-key", *words)

    assert result.exit_code == 2
    assert "rotate-key [NAME] primary|secondary" in result.stderr


def test_hosts_can_be_changed(data: Path) -> None:
    told(data, "create", "clinic", "--host", "a.example")

    assert told(data, "set-hosts", "clinic", "b.example", "c.example")["hosts"] == [
        "b.example",
        "c.example",
    ]
    assert "none of its own" in run(data, "set-hosts", "clinic").stdout


def test_a_deleted_resource_is_gone(data: Path) -> None:
    told(data, "create", "clinic")

    assert run(data, "delete", "clinic").stdout.startswith("Deleted resource clinic (")
    again = run(data, "delete", "clinic")
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr == (
        "error: Resource 'clinic': not there. `openrooms resource list` shows those there are.\n"
    )


def test_the_last_one_cannot_be_deleted(data: Path) -> None:
    last = run(data, "delete", "default")

    assert last.exit_code == 1
    assert "Create another" in last.stderr


def test_a_data_directory_that_is_not_there_is_not_made(data: Path) -> None:
    result = run(data / "nowhere", "list")

    assert result.exit_code == 1
    assert "Start the server once" in result.stderr
    assert not (data / "nowhere").exists()


def test_a_server_that_is_just_starting_keeps_the_directory(data: Path) -> None:
    with hold_folder(data):
        result = run(data, "list")

    assert result.exit_code == 1
    assert "in use by another server" in result.stderr


def test_a_directory_with_too_long_a_path_is_told_of(data: Path) -> None:
    long = data / ("d" * 120)
    long.mkdir()

    result = run(long, "list")

    assert result.exit_code == 1
    assert "shorter path" in result.stderr
