"""The memory of this process."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

# A request leaves next to nothing for the collector, which by default looks after each 700 objects.
YOUNG = 20_000


@contextmanager
def loading() -> Iterator[None]:
    """While modules are loaded the collector rests: nearly all that they make stays for good."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def settle_memory() -> None:
    """Give back to the system what starting up needed and freed. Called once, when all is open."""
    gc.collect()
    # What is left stays: the collector need not look at it again.
    gc.freeze()
    gc.set_threshold(YOUNG)
    # The GNU C library keeps freed memory for itself until it is told; others have no such call.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
