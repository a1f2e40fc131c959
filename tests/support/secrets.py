"""The secrets a run knows, and the search for them in what programs print."""

import re

_JWT = re.compile(r"[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{20,}")
SHOWN = 16


def tokens_in(text: str) -> list[str]:
    """Everything in a text that has the form of a JSON web token."""
    return _JWT.findall(text)


class Secrets:
    """What must never be printed. A secret's first characters are enough to give it away."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def add(self, what: str, secret: str) -> None:
        # The head and the claims of a token are no secret; its signature is.
        telling = secret.rpartition(".")[2]
        if len(telling) >= SHOWN:
            self._known[telling[:SHOWN]] = what

    def found_in(self, text: str) -> list[str]:
        """What kinds of secrets stand in the text, with the lines' beginnings."""
        return [
            f"{what} in: {line[:160]}"
            for telling, what in self._known.items()
            for line in text.splitlines()
            if telling in line
        ]

    def __len__(self) -> int:
        return len(self._known)
