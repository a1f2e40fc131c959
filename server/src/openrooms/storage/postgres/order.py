"""What follows from commits happens in the order of the commits, though threads commit at once."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from openrooms.storage.jobs import Job


@dataclass(slots=True)
class Place:
    """One commit's place in the order. Its job is set once it is known to have happened."""

    job: Job[Any] | None = None
    known: bool = False


class CommitOrder:
    """Settles jobs in the order in which they entered.

    A job enters just before its commit, while it still holds its locks. Who changes the same rows
    after it gets those locks only when it is committed, so he enters behind it.
    """

    def __init__(self, settle: Callable[[Sequence[Job[Any]]], None]) -> None:
        self._settle = settle
        self._places: deque[Place] = deque()
        self._lock = threading.Lock()

    def enter(self) -> Place:
        """Take the next place; it must be left, whatever happens."""
        place = Place()
        with self._lock:
            self._places.append(place)
        return place

    def leave(self, place: Place, job: Job[Any] | None) -> None:
        """Settle the job as soon as all before it are known; None when nothing was committed."""
        with self._lock:
            place.job, place.known = job, True
            ready = []
            while self._places and self._places[0].known:
                first = self._places.popleft()
                if first.job is not None:
                    ready.append(first.job)
            # Inside the lock, or another thread could settle later ones first.
            if ready:
                self._settle(ready)
