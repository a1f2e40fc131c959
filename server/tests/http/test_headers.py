"""Headers are found by name, whatever was sent and however often."""

from openrooms.http.headers import Headers

SENT = Headers([(b"host", b"a"), (b"twice", b"1"), (b"x", b"\xe9"), (b"twice", b"2")])


def test_a_header_is_found_by_its_name() -> None:
    assert SENT["host"] == "a"
    assert SENT.get("x") == "é"
    assert SENT.get("none") is None


def test_one_that_was_sent_twice_is_joined_and_known() -> None:
    assert SENT["twice"] == "1, 2"
    assert SENT.repeated == {"twice"}
    assert Headers([(b"host", b"a")]).repeated == frozenset()


def test_each_name_is_told_once() -> None:
    assert list(SENT) == ["host", "twice", "x"]
