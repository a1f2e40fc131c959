"""What the engine writes, made fit for our log: chosen fields, without secrets and addresses."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

LONGEST_TEXT = 500
_HIDDEN = "[hidden]"
# Whole tokens, and cut ones: a line may end in the middle of one.
_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){0,2}")
_QUERY = re.compile(r"(access_token|join_request|attributes|token)=[^&\s\"']+")
# Loopback addresses may stay.
_ADDRESS = re.compile(
    r"(?<![\w.])(?!127\.|0\.0\.0\.0)(?:\d{1,3}\.){3}\d{1,3}(?!\w)"
    r"|[0-9a-fA-F]{1,4}::[0-9a-fA-F:]*|(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{0,4}"
)
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
# Of the fields of a line these go on. Left out: client infos, candidates, SDP, names.
_FIELDS = frozenset(
    {"error", "reason", "status", "method", "room", "participant", "pID", "trackID"}
)


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the engine."""

    level: str
    text: str
    fields: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        error = self.fields.get("error")
        return f"{self.text}: {error}" if error else self.text


class Listener:
    """Reads the engine's lines. `secrets` never pass, in whatever line they stand."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = re.compile("|".join(re.escape(one) for one in secrets if one) or r"(?!)")

    def read(self, line: bytes) -> Said:
        text = line.decode(errors="replace").strip()
        facts = _facts(text)
        if facts is None:
            # What the engine prints instead of logging is why it could not start.
            return Said("error", self._clean(text))
        fields = {
            name: self._clean(value if isinstance(value, str) else json.dumps(value))
            for name, value in facts.items()
            if name in _FIELDS
        }
        return Said(str(facts.get("level", "info")), self._clean(str(facts.get("msg", ""))), fields)

    def _clean(self, text: str) -> str:
        text = self._secrets.sub(_HIDDEN, text)
        text = _TOKEN.sub(_HIDDEN, text)
        text = _QUERY.sub(rf"\1={_HIDDEN}", text)
        text = _ADDRESS.sub(_HIDDEN, text)
        return _UNPRINTABLE.sub(" ", text)[:LONGEST_TEXT]


def _facts(text: str) -> dict[str, Any] | None:  # a JSON object of the engine's making
    try:
        facts: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return facts if isinstance(facts, dict) else None
