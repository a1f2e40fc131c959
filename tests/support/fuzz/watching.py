"""What is held against every answer to a generated input, and counted."""

from dataclasses import dataclass, field

from jsonschema import Draft202012Validator

from support.fuzz.books import Books, Page
from support.inputs.house import House
from support.inputs.oracle import IDENTITY_APIS, check_envelope, check_leaks
from support.inputs.rows import CLOSED, Request
from support.inputs.wire import Heard

APIS = frozenset({"rooms"}) | IDENTITY_APIS
# A busy machine makes any answer late; an input that makes it so does it each time.
ANSWERED_WITHIN = 1.0


@dataclass(slots=True)
class Tally:
    """What was sent and what came of it, over a whole run."""

    requests: int = 0
    faults: int = 0
    hangs: int = 0
    changes: int = 0
    statuses: dict[int, int] = field(default_factory=dict)

    def count(self, status: int) -> None:
        self.requests += 1
        self.statuses[status] = self.statuses.get(status, 0) + 1


class Watch:
    """One house that generated inputs are thrown at."""

    def __init__(self, house: House, tally: Tally) -> None:
        self.house = house
        self.tally = tally
        self._books = Books(house)

    def close(self) -> None:
        self._books.close()

    def fingerprint(self) -> list[Page]:
        """The state, as the database itself has it."""
        return self._books.sums()

    def hold(self, request: Request, answers: Draft202012Validator | None = None) -> Heard:
        """Send a request, and hold the answer to all that must be."""
        before = self.fingerprint()
        heard = self._answer(request)
        assert heard.status != CLOSED, "closed without an answer"
        if heard.status >= 400:
            api = self.house.filled(request).api
            # What belongs to no API is the pages' to refuse.
            if api in APIS or heard.status != 404:
                check_envelope(heard, api)
                check_leaks(heard, self.house.bytes_of(request))
            self.unchanged(before, str(request))
        elif answers is not None and heard.answer.body:
            answers.validate(heard.json)
        return heard

    def judge(self, statuses: list[int], before: list[Page], sent: bytes) -> None:
        """Hold what came back on a raw connection to the same."""
        for status in statuses or [CLOSED]:
            self.tally.count(status)
        if any(status >= 500 for status in statuses):
            self.tally.faults += 1
            raise AssertionError(f"a 5xx: {statuses} for {sent!r}")
        if not statuses:
            # We hung up first, and what was asked for may yet be done.
            self.house.settle()
        elif all(status >= 400 for status in statuses):
            self.unchanged(before, repr(sent))

    def hung(self, what: str) -> None:
        self.tally.hangs += 1
        raise AssertionError(f"no answer, and no end: {what}")

    def _answer(self, request: Request) -> Heard:
        try:
            heard = self.house.well(request)
        except TimeoutError:
            self.hung(str(request))
            raise
        self.tally.count(heard.status)
        if heard.status >= 500:
            self.tally.faults += 1
        assert heard.status < 500, f"a 5xx: {heard}"
        if heard.took > ANSWERED_WITHIN and self.house.well(request).took > ANSWERED_WITHIN:
            self.hung(f"{heard.took:.1f} s for {request}")
        return heard

    def unchanged(self, before: list[Page], what: str) -> None:
        after = self.fingerprint()
        if after != before:
            self.tally.changes += 1
        assert after == before, f"a refused request changed {before} to {after}: {what}"
