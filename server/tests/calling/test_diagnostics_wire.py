"""What clients tell each other of their network and their devices."""

from dataclasses import replace

import pytest
from msgspec import ValidationError, convert, to_builtins

from openrooms.calling.diagnostics_wire import FLAGS, QUALITIES, Diagnosis, diagnostics

from .samples import LEG

HIS = replace(LEG, id="p", call_id="c", raw_id="8:acs:a_b")


@pytest.mark.parametrize("name", sorted(QUALITIES))
def test_a_quality_is_a_number_from_one_to_three(name: str) -> None:
    assert [convert({"diagnostic": name, "value": one}, Diagnosis).value for one in (1, 2, 3)] == [
        *(1, 2, 3)
    ]
    wrong: tuple[object, ...] = (0, 4, True, False, "1", None, 1.5)
    for value in wrong:
        with pytest.raises(ValidationError):
            convert({"diagnostic": name, "value": value}, Diagnosis)


@pytest.mark.parametrize("name", sorted(FLAGS))
def test_a_flag_is_true_or_false(name: str) -> None:
    for value in (True, False):
        assert convert({"diagnostic": name, "value": value}, Diagnosis).value is value
    for wrong in (0, 1, 3, "true", None):
        with pytest.raises(ValidationError):
            convert({"diagnostic": name, "value": wrong}, Diagnosis)


def test_that_somebody_speaks_while_muted_is_for_himself_alone() -> None:
    with pytest.raises(ValidationError):
        convert({"diagnostic": "speakingWhileMicrophoneIsMuted", "value": True}, Diagnosis)


def test_what_is_told_says_whose_it_is() -> None:
    told = diagnostics(HIS, [Diagnosis("noNetwork", value=True), Diagnosis("networkReconnect", 3)])

    assert to_builtins(told) == {
        "event": "diagnostics",
        "seq": 0,
        "callId": "c",
        "participantId": "p",
        "rawId": "8:acs:a_b",
        "diagnostics": [
            {"diagnostic": "noNetwork", "value": True},
            {"diagnostic": "networkReconnect", "value": 3},
        ],
    }
