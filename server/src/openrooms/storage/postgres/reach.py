"""Whether the server answers, as the threads that work on it and the one that looks have seen."""

import threading

import structlog

log = structlog.get_logger(__name__)


class Reach:
    """What is known of the way to the server. Any thread may say what it has seen."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._away = False

    @property
    def away(self) -> bool:
        return self._away

    def lost(self, why: BaseException) -> None:
        """It cannot be reached: nobody else need try until somebody gets through."""
        with self._lock:
            was, self._away = self._away, True
        if not was:
            log.warning("database_away", database=self._database, why=type(why).__name__)

    def found(self) -> None:
        with self._lock:
            was, self._away = self._away, False
        if was:
            log.info("database_back", database=self._database)
