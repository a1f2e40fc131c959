"""Logs are lines of facts on standard error, and carry no more than they were given."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from openrooms.logs import set_up_logs


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    captured = capsys.readouterr()
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


def test_an_event_is_one_json_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info", as_json=True)

    structlog.get_logger("x").info("room_created", room="99")
    structlog.get_logger("x").debug("unseen")

    [line] = lines(capsys)
    assert (line["event"], line["room"], line["level"]) == ("room_created", "99", "info")
    assert str(line["timestamp"]).endswith("Z")


@pytest.mark.parametrize("as_json", [True, False])
def test_a_line_break_in_a_fact_forges_no_line(
    capsys: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    set_up_logs("info", as_json=as_json)

    structlog.get_logger("x").info("refused", said="a\r\nforged line")

    assert len(capsys.readouterr().err.splitlines()) == 1


def test_an_exception_is_told_without_the_values_of_variables(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up_logs("info", as_json=True)
    secret = "a-secret".upper()

    try:
        raise RuntimeError
    except RuntimeError:
        structlog.get_logger("x").exception("failed")

    [line] = lines(capsys)
    assert "RuntimeError" in str(line["exception"])
    assert secret not in str(line["exception"]).replace('secret = "a-secret".upper()', "")


def test_what_libraries_say_comes_along_from_warnings_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up_logs("info", as_json=True)

    logging.getLogger("some.library").warning("careful: %s\n", "x")
    logging.getLogger("some.library").info("chatter")

    [line] = lines(capsys)
    assert (line["event"], line["library"], line["text"]) == (
        "library_said",
        "some.library",
        "careful: x",
    )


def test_a_librarys_exception_comes_along(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info", as_json=True)

    try:
        raise KeyError("x")
    except KeyError:
        logging.getLogger("some.library").exception("failed")

    [line] = lines(capsys)
    assert "KeyError" in str(line["exception"])
