"""Tickets that are told before the call is entered that they will open.

A client may open the gate while it asks to be let in: else it would wait for the answer first, which is a
way there and back. The gate waits for what is decided.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from hmac import compare_digest

from openrooms.calling.errors import TryAgain
from openrooms.calling.joining import ticket_hash
from openrooms.kernel.ids import new_secret

# Deciding takes longer only when the database does not answer.
HOLD_SECONDS = 10.0
# A client opens one connection with a ticket, and another when the first is lost.
MOST_WAITING = 2


class NextTicket:
    """The ticket of the call that one agent enters next. `text` is told to it alone."""

    def __init__(self) -> None:
        self.text = new_secret()

    def fits(self, asked: str | None) -> str:
        """The ticket for a call: this one, if that is what was asked for, and otherwise a fresh one."""
        known = asked is not None and compare_digest(asked.encode(), self.text.encode())
        return self.text if known else new_secret()

    def spend(self, ticket: str) -> None:
        """A call was entered with this ticket."""
        if ticket == self.text:
            self.text = new_secret()


class NotEntered(Exception):
    """The call was not entered; who asked hears why where he asked."""


class Entering:
    """The calls that are being entered at this moment, by their tickets' hashes."""

    def __init__(self) -> None:
        # Each with whether it came to something.
        self._outcomes: dict[bytes, asyncio.Future[bool]] = {}
        self._waiting: dict[bytes, int] = {}

    @contextmanager
    def with_ticket(self, ticket: str) -> Iterator[None]:
        """A call is being entered, for as long as the block lasts."""
        key = ticket_hash(ticket)
        outcome = self._outcomes[key] = asyncio.get_running_loop().create_future()
        try:
            yield
            outcome.set_result(True)
        finally:
            if not outcome.done():
                outcome.set_result(False)
            self._outcomes.pop(key, None)
            self._waiting.pop(key, None)

    def waits(self, ticket: str) -> bool:
        """Whether somebody waits for what becomes of this ticket."""
        return ticket_hash(ticket) in self._waiting

    async def decided(self, ticket: str) -> None:
        """Wait while a call is being entered with this ticket.

        Raises `NotEntered` when that comes to nothing, and `TryAgain` when it takes long, or too many wait.
        """
        key = ticket_hash(ticket)
        outcome = self._outcomes.get(key)
        if outcome is None:
            return
        waiting = self._waiting[key] = self._waiting.get(key, 0) + 1
        if waiting > MOST_WAITING:
            raise TryAgain
        try:
            async with asyncio.timeout(HOLD_SECONDS):
                has_entered = await asyncio.shield(outcome)
        except TimeoutError as error:
            raise TryAgain from error
        if not has_entered:
            raise NotEntered
