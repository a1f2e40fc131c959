"""A step of setting up is done once, and again when what it is made from changes."""

from dataclasses import replace
from pathlib import Path

import pytest

from tools.steps import Step, digest, is_done, perform_all, shortened
from tools.terminal import Stuck

COPY = Step(
    name="copy",
    says="Copying",
    inputs=("from",),
    commands=(("cp", "-r", "from/.", "to"), ("sh", "-c", "echo done >> count")),
    outputs=("to/a",),
    kept="to",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "from").mkdir()
    (tmp_path / "to").mkdir()
    (tmp_path / "from/a").write_text("1")
    return tmp_path


def times(root: Path) -> int:
    return len((root / "count").read_text().splitlines())


def test_a_step_is_done_once(root: Path) -> None:
    perform_all(root, [COPY])
    perform_all(root, [COPY])

    assert times(root) == 1


def test_a_changed_file_a_new_file_and_a_lost_result_each_do_it_again(root: Path) -> None:
    perform_all(root, [COPY])
    (root / "from/a").write_text("2")
    perform_all(root, [COPY])
    (root / "from/b").write_text("3")
    perform_all(root, [COPY])
    (root / "to/a").unlink()
    perform_all(root, [COPY])

    assert times(root) == 4


def test_another_command_or_another_maker_changes_the_digest(root: Path) -> None:
    asked = {digest(root, COPY), digest(root, replace(COPY, made_with="3.12")),
             digest(root, replace(COPY, commands=(("true",),)))}  # fmt: skip

    assert len(asked) == 3


def test_a_step_that_fails_says_what_it_wrote_and_is_not_done(root: Path) -> None:
    failing = replace(COPY, commands=(("sh", "-c", "echo no room left; exit 3"),))

    with pytest.raises(Stuck, match=r"(?s)Copying: .* ended with 3.*no room left"):
        perform_all(root, [failing])
    assert not is_done(root, failing)


def test_a_step_that_makes_nothing_is_a_failure(root: Path) -> None:
    with pytest.raises(Stuck, match="did not make to/a"):
        perform_all(root, [replace(COPY, commands=(("true",),))])


def test_a_program_that_is_not_there_is_named(root: Path) -> None:
    with pytest.raises(Stuck, match="`no-such-program` is not there"):
        perform_all(root, [replace(COPY, commands=(("no-such-program",),))])


def test_a_long_output_is_shown_with_its_beginning_and_its_end() -> None:
    shown = shortened("\n".join(f"line {number}" for number in range(100))).splitlines()

    assert (shown[0], shown[10], shown[-1], len(shown)) == ("line 0", "…", "line 99", 41)
    assert shortened("one\ntwo\n") == "one\ntwo"
