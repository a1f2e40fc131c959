"""What a request's head must be, whatever the parser lets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.http.errors import BodyTooLarge, HeadersTooLarge, HttpError, Unframed
from openrooms.http.framing import (
    OVERHEAD,
    announced,
    check_head,
    check_sizes,
    check_target,
    refusal,
)
from openrooms.http.headers import Headers
from openrooms.http.limits import Limits
from openrooms.http.problems import IDENTITY, ROOMS, Dialect

LIMITS = Limits()
HOST = (b"host", b"localhost")


def test_a_good_head_passes() -> None:
    check_head(
        "1.1", b"/rooms?a=%20", Headers([HOST, (b"content-length", b"1048576")]), limits=LIMITS
    )


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [HOST, HOST],
        [HOST, (b"content-length", b"4"), (b"content-length", b"4")],
        [HOST, (b"content-length", b"4"), (b"transfer-encoding", b"chunked")],
        [HOST, (b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"chunked")],
        [HOST, (b"transfer-encoding", b"gzip, chunked")],
        [HOST, (b"content-length", b"+4")],
        [HOST, (b"content-length", b"")],
        [HOST, (b"content-length", "４".encode())],  # noqa: RUF001 - a digit, and not one of ours
    ],
)
def test_a_head_that_can_be_read_in_two_ways_is_refused(headers: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(Unframed):
        check_head("1.1", b"/", Headers(headers), limits=LIMITS)


@pytest.mark.parametrize(
    "target",
    [b"", b"*", b"rooms", b"/a b", b"/\xc3\xa9", b"/\x00", b"http://other/", b"localhost:1"],
)
def test_a_target_that_is_none_of_ours_is_refused(target: bytes) -> None:
    with pytest.raises(Unframed):
        check_head("1.1", target, Headers([HOST]), limits=LIMITS)


@given(st.integers(LIMITS.body + 1, 10**40))
def test_a_body_that_is_too_large_is_refused_by_its_announcement(length: int) -> None:
    with pytest.raises(BodyTooLarge):
        check_head("1.1", b"/", Headers([HOST, (b"content-length", b"%d" % length)]), limits=LIMITS)


@given(st.integers(0, LIMITS.body))
def test_a_body_that_fits_is_taken(length: int) -> None:
    check_head("1.1", b"/", Headers([HOST, (b"content-length", b"%d" % length)]), limits=LIMITS)
    assert announced(str(length)) == length


def header(size: int) -> tuple[bytes, bytes]:
    return b"x", b"y" * (size - OVERHEAD - 1)


LARGEST = LIMITS.header + OVERHEAD


@pytest.mark.parametrize("sizes", [[], [LARGEST], [LARGEST, 1000], [LIMITS.headers // 8] * 8])
def test_headers_that_are_small_enough_pass(sizes: list[int]) -> None:
    check_sizes([header(size) for size in sizes], LIMITS)


@pytest.mark.parametrize("sizes", [[LARGEST + 1], [10, LARGEST + 1, 10], [7_000] * 5])
def test_headers_that_are_too_large_are_refused(sizes: list[int]) -> None:
    with pytest.raises(HeadersTooLarge):
        check_sizes([header(size) for size in sizes], LIMITS)


def test_what_asks_for_another_protocol_has_smaller_headers() -> None:
    longest = header(LIMITS.upgrade_header + OVERHEAD)

    check_sizes([longest], LIMITS, upgrades=True)
    for came in (None, LIMITS.upgrade_header + 1):
        with pytest.raises(HeadersTooLarge):
            check_sizes(
                [header(LIMITS.upgrade_header + OVERHEAD + 1)], LIMITS, upgrades=True, came=came
            )


def test_headers_that_are_too_many_are_refused() -> None:
    many = [header(10)] * LIMITS.header_count

    check_sizes(many, LIMITS)
    with pytest.raises(HeadersTooLarge):
        check_sizes([*many, header(10)], LIMITS)


def test_what_came_in_few_bytes_holds_no_large_header_but_perhaps_too_many() -> None:
    many = [header(10)] * LIMITS.header_count

    check_sizes(many, LIMITS, came=10 * len(many))
    with pytest.raises(HeadersTooLarge):
        check_sizes([*many, header(10)], LIMITS, came=10)
    with pytest.raises(HeadersTooLarge):
        check_sizes([header(LARGEST + 1)], LIMITS, came=LARGEST + 1)


@given(
    st.binary(max_size=50),
    st.lists(st.tuples(st.binary(max_size=10), st.binary(max_size=10)), max_size=5),
)
def test_no_head_breaks_the_checks(target: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    check_target(target, LIMITS)
    try:
        check_head("1.1", target, Headers(headers), limits=LIMITS)
    except HttpError as error:
        assert error.status == 400  # noqa: PT017 - any refusal will do, and none


def test_a_refusal_is_a_whole_answer() -> None:
    answer = refusal(Unframed(), ROOMS, b"now")

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 BadRequest\r\ndate: now\r\n")
    assert b"content-length: %d\r\n" % len(body) in head
    assert b'{"code":"BadRequest","message":"The request is not valid HTTP."}' in body


@pytest.mark.parametrize(("dialect", "told"), [(ROOMS, True), (IDENTITY, False)])
def test_a_refusal_tells_its_code_in_a_header_where_the_api_does(
    dialect: Dialect, *, told: bool
) -> None:
    answer = refusal(Unframed(), dialect, b"now")

    assert (b"\r\nx-ms-error-code: BadRequest\r\n" in answer) is told
    assert f"\r\ncontent-type: {dialect.error_type}\r\n".encode() in answer


def test_each_path_has_its_own_cap_for_messages() -> None:
    limits = Limits(messages={b"/calling/v1/agent": 10})

    assert limits.message_limit(b"/calling/v1/agent?x") == 10
    assert limits.message_limit(b"/calling/v1/media") == limits.message
