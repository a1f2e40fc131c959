"""The forms in which the table of exchanges writes what no two runs have in common: ids, times, tokens.

`<room>`, `<user:doctor>`, `<time>` and their kin stand for text of that form. A form with a name of its
own keeps the first text it met: where the name stands again, the same text is meant. `<now+3d>` is a
moment reckoned from the start of the flow, `<second-17s>` the same without its fraction, `<date-6m>` the
same as HTTP writes dates. Of rooms and pages there is mostly one in a flow: they need no name to be kept;
`<any:room>` is any. A user or a GUID that is sent before anybody told it is made up.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
PATTERNS = {
    "room": r"99[0-9]{13,15}",
    "guid": GUID,
    "user": rf"8:acs:{GUID}_{GUID}",
    "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?\+00:00",
    "token": r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+",
    "page": r"[A-Za-z0-9_-]+",
    "number": r"[0-9]+",
    "type": r"[A-Za-z0-9_.]+",
    "text": r".+",
}
FORM = re.compile(r"<(?P<kind>[a-z]+)(?::(?P<name>\w+))?(?P<shift>[+-]\d+[smhd])?>")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
MOMENTS = ("now", "second", "date")
KEPT = ("room", "page")
MORE = "<more>"


@dataclass(frozen=True, slots=True)
class Ours:
    """A member that our answer has and the hosted service's has not."""

    value: object


@dataclass(slots=True)
class Book:
    """What the forms of one flow stand for."""

    now: datetime
    known: dict[str, str] = field(default_factory=dict)

    def fill(self, wanted: object) -> object:
        """A value to send: every form replaced by the text that it stands for."""
        if isinstance(wanted, str):
            return FORM.sub(self._text, wanted)
        if isinstance(wanted, Mapping):
            return {self.fill(key): self.fill(value) for key, value in wanted.items()}
        if isinstance(wanted, list):
            return [self.fill(one) for one in wanted]
        return wanted

    def differences(self, wanted: object, got: object, place: str = "$") -> list[str]:
        """Where an answer is not what is wanted; names that are new keep what they met."""
        if isinstance(wanted, Ours):
            return self.differences(wanted.value, got, place)
        if isinstance(wanted, Mapping) and isinstance(got, Mapping):
            return self._members(wanted, got, place)
        if isinstance(wanted, list) and isinstance(got, list):
            return self._items(wanted, got, place)
        if isinstance(wanted, str) and isinstance(got, str):
            return [] if self._fits(wanted, got) else [f"{place}: {got!r}, not {wanted!r}"]
        same = type(wanted) is type(got) and wanted == got
        return [] if same else [f"{place}: {got!r}, not {wanted!r}"]

    def _members(
        self, wanted: Mapping[str, object], got: Mapping[str, object], place: str
    ) -> list[str]:
        found = [f"{place}.{name} is missing" for name in wanted if name not in got]
        found += [f"{place}.{name} is too much" for name in got if name not in wanted]
        for name in wanted.keys() & got.keys():
            found += self.differences(wanted[name], got[name], f"{place}.{name}")
        return found

    def _items(self, wanted: list[object], got: list[object], place: str) -> list[str]:
        forms = list(wanted)
        if forms[-1:] == [MORE]:
            forms[-1:] = [unnamed(forms[-2])] * (len(got) - len(forms) + 1)
        if len(forms) != len(got):
            return [f"{place}: {len(got)} items, not {len(forms)}"]
        pairs = enumerate(zip(forms, got, strict=True))
        return [
            line
            for at, (one, other) in pairs
            for line in self.differences(one, other, f"{place}[{at}]")
        ]

    def _fits(self, wanted: str, got: str) -> bool:
        whole = FORM.fullmatch(wanted)
        if whole is not None and whole["kind"] in MOMENTS:
            return _reads_as(got, self._moment(whole))
        pattern, names = self._pattern(wanted)
        met = re.fullmatch(pattern, got)
        if met is None:
            return False
        self.known |= {key: met[group] for group, key in names.items()}
        return True

    def _pattern(self, wanted: str) -> tuple[str, dict[str, str]]:
        """A text with forms as a pattern, and which of its groups are new names."""
        pattern, end, names = "", 0, dict[str, str]()
        for form in FORM.finditer(wanted):
            key = form[0].strip("<>")
            pattern += re.escape(wanted[end : form.start()])
            end = form.end()
            if key in self.known:
                pattern += re.escape(self.known[key])
            elif form["kind"] == "any":
                pattern += PATTERNS[form["name"]]
            elif form["name"] or form["kind"] in KEPT:
                group = f"g{len(names)}"
                names[group] = key
                pattern += f"(?P<{group}>{PATTERNS[form['kind']]})"
            else:
                pattern += PATTERNS[form["kind"]]
        return pattern + re.escape(wanted[end:]), names

    def _text(self, form: re.Match[str]) -> str:
        if form["kind"] in MOMENTS:
            moment = self._moment(form)
            if form["kind"] == "date":
                return format_datetime(moment, usegmt=True)
            precision = "microseconds" if form["kind"] == "now" else "milliseconds"
            return moment.isoformat(timespec=precision).replace("+00:00", "Z")
        key = form[0].strip("<>")
        if key not in self.known:
            # A roster may name anybody: nobody asks whether the user exists.
            fresh = {"user": f"8:acs:{uuid.uuid4()}_{uuid.uuid4()}", "guid": str(uuid.uuid4())}
            self.known[key] = fresh[form["kind"]]
        return self.known[key]

    def _moment(self, form: re.Match[str]) -> datetime:
        moment = self.now if form["kind"] != "second" else self.now.replace(microsecond=0)
        shift = form["shift"] or "+0s"
        return moment + timedelta(**{UNITS[shift[-1]]: int(shift[:-1])})


def unnamed(wanted: object) -> object:
    """The same forms, none of them bound to a name."""
    if isinstance(wanted, str):
        return FORM.sub(_any, wanted)
    if isinstance(wanted, Mapping):
        return {key: unnamed(value) for key, value in wanted.items()}
    return Ours(unnamed(wanted.value)) if isinstance(wanted, Ours) else wanted


def _any(form: re.Match[str]) -> str:
    return form[0] if form["kind"] == "any" else f"<any:{form['kind']}>"


def _reads_as(text: str, moment: datetime) -> bool:
    """Whether a date is that moment, written as the service writes dates."""
    if re.fullmatch(PATTERNS["time"], text) is None:
        return False
    return datetime.fromisoformat(text).astimezone(UTC) == moment
