"""Settling gives memory back and breaks nothing."""

import ctypes
import gc
import subprocess
import sys
import weakref
from types import SimpleNamespace

import pytest

from openrooms.kernel import memory
from openrooms.kernel.memory import loading, settle_memory, tidy


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


def test_what_was_dropped_lately_is_collected() -> None:
    class Ring:
        pass

    gc.disable()
    ring = Ring()
    ring.__dict__["itself"] = ring
    gone = weakref.ref(ring)
    del ring
    tidy()
    gc.enable()

    assert gone() is None


# Where small blocks lie is the mapping that Linux calls the heap; the GNU C library alone uses it so.
HEAP_OF_LARGE_BLOCKS = """
from openrooms.kernel.memory import settle_memory

def heap():
    for line in open("/proc/self/maps"):
        if line.rstrip().endswith("[heap]"):
            first, last = line.split()[0].split("-")
            return int(last, 16) - int(first, 16)

settle_memory()
bytearray(256 * 1024)
before = heap()
held = [bytearray(256 * 1024) for _ in range(40)]
print(heap() - before)
"""


def test_large_blocks_do_not_lie_among_small_ones_though_large_ones_were_freed() -> None:
    if not hasattr(ctypes.CDLL(None), "mallopt"):
        return
    done = subprocess.run(
        (sys.executable, "-c", HEAP_OF_LARGE_BLOCKS), capture_output=True, text=True, check=True
    )

    assert int(done.stdout) < memory.LARGE
