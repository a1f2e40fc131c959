"""What an SDK heard, held against the table: `tests/conformance/heard.yaml`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from support.exchanges import FOLDER, load
from support.forms import Book
from support.headers import wanted, watched

UNAVAILABLE = 503
ROOMS = frozenset(
    {
        *("createRoom", "getRoom", "updateRoom", "deleteRoom", "listRooms", "listParticipants"),
        *("addOrUpdateParticipants", "removeParticipants"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What comes with one kind of answer."""

    status: int
    headers: Mapping[str, str]
    when: Mapping[str, object] = field(default_factory=dict)
    tells_versions: bool = True


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a call: `said` is the driver's line, with all that was heard meanwhile."""

    operation: str
    given: Mapping[str, object]
    # Any: JSON, looked into here.
    said: Mapping[str, Any]

    @property
    def api(self) -> str:
        return "rooms" if self.operation in ROOMS else "identities"

    def differences(self) -> list[str]:
        """Where what was heard is not what the table says."""
        answers: Sequence[Mapping[str, Any]] = self.said["heard"]
        final = [one for one in answers if one["status"] != UNAVAILABLE]
        found = [line for answer in answers for line in self._differences(answer)]
        if not self._are_all(len(final)):
            found.append(f"{self.operation}: {len(final)} answers were heard")
        return found

    def _are_all(self, count: int) -> bool:
        """One answer is heard of most; of lists, one for each page."""
        if "error" in self.said or not self.operation.startswith("list"):
            return count == 1
        return count == len(self.said["ok"]) if self.operation == "listRooms" else count > 0

    def _differences(self, answer: Mapping[str, Any]) -> list[str]:
        row = _table()["relay"][0] if answer["status"] == UNAVAILABLE else self._row()
        book = Book(datetime.now(UTC))
        if self.operation == "createRoom" and "ok" in self.said:
            book.known["room"] = self.said["ok"]["id"]
        request_id = None if row.status == UNAVAILABLE else answer["requestId"]
        whole = wanted(
            self.api, row.headers, request_id=request_id, tells_versions=row.tells_versions
        )
        found = book.differences(whole, watched(answer["headers"]), f"{self.operation} headers")
        return [*found, *book.differences(row.status, answer["status"], f"{self.operation} status")]

    def _row(self) -> Row:
        if "error" not in self.said:
            return _table()[self.operation][0]
        facts = {"user": self.given.get("user"), **self.said["error"]}
        for row in _table()[self.api]:
            if all(facts.get(name) == value for name, value in row.when.items()):
                return row
        raise AssertionError(f"{self.operation}: the table has no row for {facts}")


@cache
def _table() -> Mapping[str, Sequence[Row]]:
    """The rows for each API's refusals, for each operation that is done, and for the relay's answer."""
    told = load(FOLDER.parent / "heard.yaml")
    refused = {api: [Row(**one) for one in told[api]] for api in ("rooms", "identities")}
    done = {name: [Row(**one)] for name, one in told["done"].items()}
    return {**refused, **done, "relay": [Row(**told["relay"])]}
