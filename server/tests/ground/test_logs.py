"""Logs are lines of facts on standard error, and carry no more than they were given."""

import io
import json
import logging
import os
import threading
from collections.abc import Iterator
from functools import partial

import pytest
import structlog

from openrooms.logs import Logs, Output, correlation, set_up_logs


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    for one in SET_UP:
        one.close()
    SET_UP.clear()
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


SET_UP: list[Logs] = []


def set_up(level: str, *, as_json: bool) -> Logs:
    """Logs that the test's end closes."""
    SET_UP.append(set_up_logs(level, as_json=as_json))
    return SET_UP[-1]


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    SET_UP[-1].close()
    captured = capsys.readouterr()
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


def test_an_event_is_one_json_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("info", as_json=True)

    structlog.get_logger("x").info("room_created", room="99")
    structlog.get_logger("x").debug("unseen")

    [line] = lines(capsys)
    assert (line["event"], line["room"], line["level"]) == ("room_created", "99", "info")
    assert str(line["timestamp"]).endswith("Z")


def test_a_line_about_a_request_carries_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("info", as_json=True)

    token = correlation.set("the-id")
    structlog.get_logger("x").error("request_failed")
    correlation.reset(token)
    structlog.get_logger("x").info("unrelated")

    about, unrelated = lines(capsys)
    assert about["correlation_id"] == "the-id"
    assert "correlation_id" not in unrelated


@pytest.mark.parametrize("as_json", [True, False])
def test_a_line_break_in_a_fact_forges_no_line(
    capsys: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    set_up("info", as_json=as_json)

    structlog.get_logger("x").info("refused", said="a\r\nforged line")

    SET_UP[-1].close()
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_an_exception_is_told_without_the_values_of_variables(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up("info", as_json=True)
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
    set_up("info", as_json=True)

    logging.getLogger("some.library").warning("careful: %s\n", "x")
    logging.getLogger("some.library").info("chatter")

    [line] = lines(capsys)
    assert (line["event"], line["library"], line["text"]) == (
        "library_said",
        "some.library",
        "careful: x",
    )


def test_a_librarys_exception_comes_along(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("info", as_json=True)

    try:
        raise KeyError("x")
    except KeyError:
        logging.getLogger("some.library").exception("failed")

    [line] = lines(capsys)
    assert "KeyError" in str(line["exception"])


def test_a_line_that_is_json_already_is_written_as_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write = set_up("info", as_json=True).json_lines

    assert write is not None
    write(b'{"event":"request"}')

    assert lines(capsys) == [{"event": "request"}]


@pytest.mark.parametrize("level", ["warning", "error"])
def test_lines_of_level_info_are_left_out_above_it(
    capsys: pytest.CaptureFixture[str], level: str
) -> None:
    write = set_up(level, as_json=True).json_lines

    assert write is not None
    write(b'{"event":"request"}')

    assert lines(capsys) == []


def test_logs_for_people_take_no_json() -> None:
    assert set_up("info", as_json=False).json_lines is None


def test_what_is_logged_after_the_end_is_written_at_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs = set_up("info", as_json=True)
    logs.close()
    structlog.get_logger("x").info("late")
    logs.close()

    structlog.get_logger("x").info("later")

    said = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["event"] for line in said] == ["late", "later"]


def test_a_reader_that_is_slow_holds_nobody_up_and_is_told_what_it_missed() -> None:
    reading, writing = os.pipe()
    heard: list[bytes] = []
    reader = threading.Thread(
        target=lambda: heard.extend(iter(partial(os.read, reading, 65536), b""))
    )
    with structlog.testing.capture_logs() as logs:
        stream = io.TextIOWrapper(io.FileIO(writing, "w"), "utf-8")
        output = Output(stream, most=1_000_000)
        for _ in range(3000):
            output.write(b"x" * 999)
        reader.start()
        output.close()
    stream.close()
    reader.join(5)
    os.close(reading)

    whole = b"".join(heard).splitlines()
    assert {len(line) for line in whole} == {999}
    assert [(entry["event"], entry["count"]) for entry in logs] == [
        ("log_lines_lost", 3000 - len(whole))
    ]
    assert len(whole) < 1200


def test_a_reader_that_is_gone_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = io.TextIOWrapper(io.FileIO(writing, "w"), "utf-8")
    output = Output(stream)

    output.write(b"nobody reads this")
    output.close()
    output.write(b"nor this")

    stream.close()
    assert capsys.readouterr() == ("", "")


class Slow(io.BytesIO):
    """Takes no line before it may."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.may = threading.Event(), threading.Event()

    def write(self, lines: bytes) -> int:  # type: ignore[override]  # bytes are all that comes
        self.asked.set()
        self.may.wait(5)
        return super().write(lines)


def test_what_comes_while_the_last_is_written_is_not_forgotten() -> None:
    raw = Slow()
    output = Output(io.TextIOWrapper(raw, "utf-8"))
    # Nothing is taken until the output is being closed.
    raw.may = output._closing

    output.write(b"the last")
    raw.asked.wait(5)
    output.write(b"while it was written")
    output.close()

    assert raw.getvalue().splitlines() == [b"the last", b"while it was written"]
