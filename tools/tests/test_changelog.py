"""The rule about the changelog asks for a fragment when the product changed, and for its form."""

import subprocess
from pathlib import Path

import pytest

from tools.rules import changelog


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "server/src").mkdir(parents=True)
    (tmp_path / "server/src/app.py").write_text("x = 1\n")
    (tmp_path / changelog.FOLDER).mkdir()
    commit(tmp_path)
    return tmp_path


def git(root: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "tag.gpgsign=false")
    subprocess.run(("git", *who, *arguments), cwd=root, check=True)


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "--no-gpg-sign", "-m", "Change")


def found(root: Path) -> list[str]:
    return [one.what for one in changelog.fragments(root)]


def test_a_change_without_a_fragment_is_found(clone: Path) -> None:
    assert found(clone) == ["the product changed since the last release, and no fragment says so"]


def test_a_change_with_a_fragment_is_not_found(clone: Path) -> None:
    (clone / changelog.FOLDER / "rooms.added.md").write_text("Rooms.\n")

    assert found(clone) == []


def test_right_after_a_release_there_is_nothing_to_say(clone: Path) -> None:
    git(clone, "tag", "v0.1.0")

    assert found(clone) == []


@pytest.mark.parametrize(
    ("name", "text"), [("rooms.md", "x"), ("rooms.new.md", "x"), ("rooms.added.md", " ")]
)
def test_a_fragment_of_a_wrong_form_is_found(clone: Path, name: str, text: str) -> None:
    (clone / changelog.FOLDER / name).write_text(text)

    assert len(found(clone)) == 1
