"""What an operator is told is wrong, and what to do."""

import pytest

from openrooms.events.webhooks import errors
from openrooms.identity.errors import OperatorRefused

EVERY = (
    errors.BadUrl(),
    errors.BadForm("x" * 100),
    errors.BadTypes(),
    errors.BadOverlap(),
    errors.TriedAlready(),
    errors.NotValidated("answered 500"),
    errors.NoSuchWebhook("x" * 100),
    errors.TooManyWebhooks(10),
    errors.NoSuchEvent(7),
)


@pytest.mark.parametrize("error", EVERY, ids=lambda error: type(error).__name__)
def test_each_is_a_short_message_for_the_operator(error: OperatorRefused) -> None:
    assert 20 < len(str(error)) < 200
    assert str(error).endswith(".")
