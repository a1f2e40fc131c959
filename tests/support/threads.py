"""Those who do something all the time, each in a thread of its own."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager


@contextmanager
def at_work(jobs: Iterable[Callable[[], object]], over: threading.Event) -> Iterator[None]:
    """All of them work until the block is left; then `over` is set, by which they know that they have to end."""
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
