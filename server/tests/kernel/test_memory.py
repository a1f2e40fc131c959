"""Settling gives memory back and breaks nothing."""

import gc
from types import SimpleNamespace

import pytest

from openrooms.kernel import memory
from openrooms.kernel.memory import loading, settle_memory


def test_what_is_alive_when_memory_settles_is_not_looked_at_again() -> None:
    before = gc.get_threshold()

    settle_memory()

    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[0] == memory.YOUNG
    gc.unfreeze()
    gc.set_threshold(*before)


def test_the_collector_rests_while_modules_are_loaded_and_leaves_them_alone_afterwards() -> None:
    with loading():
        rested = not gc.isenabled()

    assert rested
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    gc.unfreeze()


def test_a_system_without_that_call_does_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "ctypes", SimpleNamespace(CDLL=lambda _: object()))

    before = gc.get_threshold()

    settle_memory()

    gc.unfreeze()
    gc.set_threshold(*before)
