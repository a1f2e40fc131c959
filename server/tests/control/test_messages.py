"""What is said over the control socket: one JSON object on a line, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.control import messages
from openrooms.control.messages import (
    Garbled,
    Order,
    Refused,
    flag,
    optional_text,
    read_answer,
    read_order,
    text,
    texts,
    whole,
    write_error,
    write_order,
    write_result,
)

VALUES = st.dictionaries(
    st.text(max_size=8),
    st.text(max_size=8) | st.booleans() | st.lists(st.text(max_size=4), max_size=3),
    max_size=4,
)


@given(st.text(max_size=20), VALUES)
def test_an_order_is_read_as_it_was_written(command: str, arguments: dict[str, object]) -> None:
    line = write_order(Order(command, arguments))

    assert line.count(b"\n") == 1
    assert read_order(line) == Order(command, arguments)


@given(VALUES)
def test_a_result_is_read_as_it_was_written(result: dict[str, object]) -> None:
    assert read_answer(write_result(result)) == result


def test_an_error_is_raised_where_it_is_read() -> None:
    with pytest.raises(Refused, match=r"^No\. Because\.$"):
        read_answer(write_error("No. Because."))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"GET / HTTP/1.1\n",
        b"[1]\n",
        b"[" * 30_000,
        b"\xff\n",
        b'{"version": 1}\n',
        b'{"version": 1, "command": 1}\n',
        b'{"version": 1, "command": "x", "arguments": []}\n',
    ],
)
def test_a_line_of_anything_else_is_garbled(line: bytes) -> None:
    with pytest.raises(Garbled):
        read_order(line)


@pytest.mark.parametrize("line", [b'{"version": 1}', b'{"version": 1, "result": 1}'])
def test_an_answer_is_a_result_or_an_error(line: bytes) -> None:
    with pytest.raises(Garbled):
        read_answer(line)


@pytest.mark.parametrize("version", ["2", "null", '"1"', "{}"])
def test_another_version_is_refused_and_told(version: str) -> None:
    with pytest.raises(Refused, match="version that serves"):
        read_order(f'{{"version": {version}, "command": "x"}}'.encode())


def test_arguments_are_what_they_should_be() -> None:
    arguments = {"name": "x", "hosts": ["a", "b"], "force": True}

    assert text(arguments, "name") == "x"
    assert texts(arguments, "hosts") == ["a", "b"]
    assert flag(arguments, "force") is True
    assert (optional_text({}, "name"), texts({}, "hosts"), flag({}, "force")) == (None, [], False)


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (text, None),
        (text, 1),
        (optional_text, 1),
        (texts, "x"),
        (texts, [1]),
        (flag, "yes"),
        (flag, None),
    ],
)
def test_other_arguments_are_refused(read: object, value: object) -> None:
    reader = getattr(messages, getattr(read, "__name__", ""))

    with pytest.raises(Refused, match=r"^Argument x:"):
        reader({"x": value}, "x")


@pytest.mark.parametrize("given", [None, "1", True, 1.5])
def test_a_number_that_is_none_is_refused(given: object) -> None:
    with pytest.raises(Refused, match="Argument limit"):
        whole({"limit": given}, "limit")

    assert whole({"limit": 7}, "limit") == 7
