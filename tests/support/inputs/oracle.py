"""What holds for every bad input, whatever it is: O1 to O7 of the list."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from support.deadlines import wait_for
from support.inputs.house import House
from support.inputs.rows import CLOSED, Proof, Raw, Request, Row, Wanted, unproved
from support.inputs.wire import Heard

IDENTITY_APIS = frozenset({"identities", "teamsUser", "access"})
LONGEST_ECHO = 256
MOST_GROWTH = 16 * 2**20
ANOTHER_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
DENIED = {"error": {"code": "Denied", "message": "Denied by the resource provider."}}
# What a server only says when it says too much.
LEAKS = re.compile(
    r"Traceback|\.py\b|File \"|site-packages|openrooms[./]|/tmp/|/root/|/home/|sqlite|psycopg|"
    r"SELECT |INSERT |UPDATE |DELETE FROM|constraint|PRIVATE KEY|master\.key",
    re.IGNORECASE,
)
LOG_LEAKS = re.compile(r"Traceback|File \"|SELECT |INSERT INTO|DELETE FROM|PRIVATE KEY|accesskey=")


@dataclass(frozen=True, slots=True)
class _Look:
    """What of a house no caller sees."""

    memory: int
    logged: int
    counts: Mapping[str, int]


class Judge:
    """Sends rows to a house, one after the other.

    What the house looked like after one row is what it must look like after the next.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._seen = house.snapshot()
        # What was answered to those who were told the id of their visit.
        self._visits = dict[str, tuple[str, int]]()

    def judge(self, row: Row) -> list[str]:
        """Send one row; the answers, ids and times apart, so that two houses can be compared."""
        if isinstance(row.send, Raw):
            return [self._throw(row, row.send, door) for door in row.send.doors]
        said = self._ask(row, row.send, self._house.ask)
        if self._house.beside is not None:
            beside = self._ask(row, row.send, self._house.ask_beside)
            assert beside == said, "O6: another process says something else"
        if row.send.proof is not None and not row.before_authentication:
            check_authentication_first(row.send, self._house)
        return [said]

    def _ask(self, row: Row, sent: Request, ask: Callable[[Request], Heard]) -> str:
        request = self._house.filled(sent)
        before = self._look()
        heard = ask(sent)
        after = self._look()
        self._check(row.wanted, heard, sent=request.target.encode() + request.body)
        if heard.status >= 400:
            check_envelope(heard, request.api)
            assert after.counts == before.counts, f"O3: {before.counts} became {after.counts}"
        if row.came_to is not None:
            row.came_to(self._house, heard.json)
        self._house.take_back(heard, request)
        self._compare(before, after)
        if ask == self._house.ask:
            self._note_visit(row, heard)
        return normal(heard, self._house)

    def _throw(self, row: Row, sent: Raw, door: str) -> str:
        before = self._look()
        heard = self._house.throw(sent, door)
        after = self._look()
        self._check(row.wanted, heard, sent=b"".join(sent.parts))
        assert after.counts == before.counts, f"O3: {before.counts} became {after.counts}"
        if heard.status >= 400 and heard.answer.body:
            check_envelope(heard, sent.api)
        self._compare(before, after)
        return normal(heard, self._house)

    def _look(self) -> "_Look":
        house = self._house
        return _Look(house.memory(), house.log_size(), house.counts())

    def _note_visit(self, row: Row, heard: Heard) -> None:
        visit = heard.answer.headers.get("x-ms-request-id")
        # What is refused for its size or framing came to no visit.
        assert visit or row.before_authentication, f"O3: no request id: {heard}"
        if visit is not None:
            result = "Succeeded" if heard.status < 400 else "Refused"
            self._visits[visit] = (result, heard.status)

    def check_lines(self) -> None:
        """O3: the access line of each row says what was answered, and that a refusal was one."""
        wait_for("the access lines", lambda: self._told().keys() >= self._visits.keys(), within=5)
        told = self._told()
        wrong = {visit: told[visit] for visit in self._visits if told[visit] != self._visits[visit]}
        assert not wrong, f"O3: access lines: {wrong}"

    def _told(self) -> dict[str, tuple[str, int]]:
        log = self._house.log().splitlines()
        lines = [json.loads(one) for one in log if one.startswith('{"event":"request"')]
        return {
            one["correlation_id"]: (one["result_type"], one["result_signature"]) for one in lines
        }

    def _check(self, wanted: Wanted, heard: Heard, *, sent: bytes) -> None:
        """The answer itself: O1 and O5, and what the row wants."""
        assert heard.status < 500, f"O1: {heard}"
        assert heard.took <= wanted.within, f"O1: answered after {heard.took:.1f} s"
        check_wanted(wanted, heard)
        check_leaks(heard, sent)
        told = "\n".join(heard.answer.headers.values())
        if heard.status >= 400:
            told += heard.answer.body.decode()
        assert not self._house.server.secrets.found_in(told), "O5: a secret in the answer"

    def _compare(self, before: "_Look", after: "_Look") -> None:
        """O3, O4 and O5: nothing changed, a good client is served, memory and log are sane."""
        seen, wanted = self._house.snapshot(), self._seen
        self._seen = seen
        changed = [name for name in {**seen, **wanted} if seen.get(name) != wanted.get(name)]
        assert not changed, f"O3: changed: {changed}"
        grown = after.memory - before.memory
        assert grown < MOST_GROWTH, f"O4: the server grew by {grown} bytes"
        said = self._house.log(before.logged)
        assert not LOG_LEAKS.search(said), f"O5: in the log: {said}"
        assert not self._house.server.secrets.found_in(said), "O5: a secret in the log"


def check_wanted(wanted: Wanted, heard: Heard) -> None:
    """The answer is the one that the row names."""
    assert heard.status in wanted.statuses, f"{heard.answer}, not {wanted.statuses}"
    if heard.status == CLOSED:
        return
    for name, value in wanted.headers.items():
        got = heard.answer.headers.get(name.lower())
        assert got is not None, f"no header {name}: {heard.answer.headers}"
        assert re.fullmatch(value, got), f"header {name}: {got}, not {value}"
    if wanted.code is not None or wanted.message is not None:
        _check_error(wanted, heard.json["error"])


def _check_error(wanted: Wanted, error: Mapping[str, Any]) -> None:
    assert wanted.code in {None, error["code"]}, error
    if wanted.target is None:
        assert wanted.message in {None, error["message"]}, error
        return
    told = [(one["target"], one["message"]) for one in error.get("details", [error])]
    met = any(
        re.fullmatch(wanted.target, target) and wanted.message in {None, message}
        for target, message in told
    )
    assert met, f"{error} does not tell {wanted.target}: {wanted.message}"


def check_envelope(heard: Heard, api: str) -> None:
    """O2: the error in the form of its API."""
    headers = heard.answer.headers
    assert headers.get("content-type", "").partition(";")[0] == "application/json", headers
    said = heard.json
    assert list(said) == ["error"], said
    error = said["error"]
    assert error["code"], error
    assert error["message"], error
    assert set(error) <= {"code", "message", "target", "details"}, error
    if api in IDENTITY_APIS:
        assert "x-ms-error-code" not in headers, headers
        assert "details" not in error, error
        return
    assert headers.get("x-ms-error-code") == error["code"], headers
    for detail in error.get("details", []):
        assert {"code", "message"} <= set(detail) <= {"code", "message", "target"}, detail


def check_leaks(heard: Heard, sent: bytes) -> None:
    """O5: neither our inside nor much of what was sent."""
    echo = sent.decode("utf-8", "replace")
    # What was sent may come back in a short piece; what is ours may not.
    ours = _strings(heard.json) if heard.answer.body else []
    for text in (*ours, *heard.answer.headers.values()):
        for found in LEAKS.finditer(text):
            assert found[0] in echo, f"O5: {found[0]!r} in {text}"
    if heard.status < 400:
        # What is accepted is told again as a whole.
        return
    for text in ours:
        longest = max((len(one) for one in _pieces(text, echo)), default=0)
        assert longest <= LONGEST_ECHO, f"O5: {longest} characters of the input come back"
    for value in heard.answer.headers.values():
        assert len(value) <= 2 * LONGEST_ECHO, f"O5: a header of {len(value)} characters"


def _pieces(text: str, echo: str) -> list[str]:
    """The stretches of a text, just too long to be repeated, that stand in what was sent."""
    size = LONGEST_ECHO + 1
    return [
        text[at : at + size] for at in range(len(text) - size + 1) if text[at : at + size] in echo
    ]


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for inner in value.values() for text in _strings(inner)]
    return [text for inner in value for text in _strings(inner)] if isinstance(value, list) else []


def check_authentication_first(request: Request, house: House) -> None:
    """O7: who cannot prove himself learns nothing about what else is wrong."""
    own = request.proof or Proof()
    for bad in (unproved(request), replace(request, proof=replace(own, key=ANOTHER_KEY))):
        heard = house.well(bad)
        assert heard.status == 401, f"O7: {heard.answer}"
        assert heard.json == DENIED, f"O7: {heard.answer}"


def normal(heard: Heard, house: House) -> str:
    """O6: the body with what differs between two houses replaced by its name."""
    if heard.status < 400:
        # What is accepted is compared by what it came to.
        return str(heard.status)
    text = heard.answer.body.decode()
    for name, value in sorted(house.names.items(), key=lambda one: -len(one[1])):
        text = text.replace(json.dumps(value)[1:-1], f"<{name}>")
    return f"{heard.status} {text}"
