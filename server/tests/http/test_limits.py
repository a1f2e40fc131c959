"""Which size a path is allowed."""

import pytest

from openrooms.http.limits import Limits

LIMITS = Limits(target=100, long_target=400, message=1000, messages={b"/calling/agent": 64})


@pytest.mark.parametrize(
    ("target", "limit"), [(b"/calling/v1/media?x", 400), (b"/rooms?x", 100), (b"/callings", 100)]
)
def test_only_the_media_gate_takes_long_targets(target: bytes, limit: int) -> None:
    assert LIMITS.target_limit(target) == limit


@pytest.mark.parametrize(
    ("target", "limit"), [(b"/calling/agent", 64), (b"/calling/agent?x", 64), (b"/calling", 1000)]
)
def test_a_path_may_have_its_own_size_of_messages(target: bytes, limit: int) -> None:
    assert LIMITS.message_limit(target) == limit
