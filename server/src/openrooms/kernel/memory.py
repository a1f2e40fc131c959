"""The memory of this process."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

# The GNU C library's names for the size from which a block has pages of its own, and from which what is
# free at the end goes back to the system; and its first value for both.
M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, LARGE = -3, -1, 128 * 1024
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


def tidy() -> None:
    """Collect what was made and dropped lately. After some work that comes by itself, while nobody works.

    Otherwise that waits for the collector with its memory, which has no reason to look for long.
    """
    gc.collect(0)


def settle_memory() -> None:
    """Give back to the system what starting up needed and freed. Called once, when all is open."""
    gc.collect()
    # What is left stays: the collector need not look at it again.
    gc.freeze()
    gc.set_threshold(YOUNG)
    # The GNU C library keeps freed memory for itself until it is told; others have no such calls.
    library = ctypes.CDLL(None)
    trim = getattr(library, "malloc_trim", None)
    if trim is not None:
        trim(0)
    # It raises both by itself, once it has seen large blocks freed. A TLS connection has a buffer of
    # 256 KiB, of which it uses a page or two: among small blocks, whose pages were written to, it costs 50 KB.
    choose = getattr(library, "mallopt", None)
    if choose is not None:
        choose(M_MMAP_THRESHOLD, LARGE)
        choose(M_TRIM_THRESHOLD, LARGE)
