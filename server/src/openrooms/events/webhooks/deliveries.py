"""What is left to deliver: taken, tried again, given up, sent again. Each change is a transaction."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from openrooms.events import store
from openrooms.events.counting import count
from openrooms.events.model import KeptEvent
from openrooms.events.webhooks import delivery_store
from openrooms.events.webhooks.errors import NoSuchEvent
from openrooms.events.webhooks.model import Failure, Parcel, Undelivered, Webhook, next_try
from openrooms.kernel.clock import Clock
from openrooms.storage.database import Connection, Database


class Deliveries:
    """The deliveries of all webhooks."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def queue(self, resource_id: str) -> None:
        """Queue some of the resource's events that were committed since."""
        if await self._database.look(partial(store.has_uncounted, resource_id=resource_id)):
            queued = partial(count, resource_id=resource_id, now=self._clock())
            await self._database.write(queued)

    async def due(self, webhook_id: str, size: int) -> Sequence[Parcel]:
        """Some of what has to be sent now, what is due longest first; one of each ordering key."""
        found = partial(delivery_store.due, webhook_id=webhook_id, now=self._clock(), size=size)
        return await self._database.read(found)

    async def taken(self, parcel: Parcel) -> None:
        """It was delivered: the next of its ordering key is due."""

        def settle(connection: Connection) -> None:
            store.hold_count(connection, parcel.resource_id)
            delivery_store.drop(connection, parcel)
            delivery_store.advance(connection, parcel, now)

        now = self._clock()
        await self._database.write(settle)

    async def failed(self, parcel: Parcel, failure: Failure) -> datetime | None:
        """It is tried again, or given up; when it is."""
        now, tries = self._clock(), parcel.tries + 1
        again = None if failure.for_good else next_try(tries, parcel.queued_at, now)

        def settle(connection: Connection) -> None:
            store.hold_count(connection, parcel.resource_id)
            delivery_store.note(
                connection, parcel, tries=tries, failure=failure, again=again, now=now
            )
            if again is None:
                delivery_store.advance(connection, parcel, now)

        await self._database.write(settle)
        return again

    async def hasten(self, webhook: Webhook) -> None:
        """The receiver is back: what did not reach it is due now."""
        now = self._clock()

        def settle(connection: Connection) -> None:
            store.hold_count(connection, webhook.resource_id)
            delivery_store.hasten(connection, webhook.id, now)

        await self._database.write(settle)

    async def standing(self) -> tuple[int, int, datetime | None]:
        """How many deliveries wait, how many were given up, and since when the oldest waits."""
        return await self._database.read(delivery_store.standing)

    # for operators

    async def undelivered(
        self, resource_id: str, *, dead: bool, size: int
    ) -> Sequence[Undelivered]:
        """What is not delivered, in the order of its events: what waits, or what was given up."""
        found = partial(delivery_store.undelivered, resource_id=resource_id, dead=dead, size=size)
        return await self._database.read(found)

    async def show(
        self, resource_id: str, sequence: int
    ) -> tuple[KeptEvent, Sequence[Undelivered]]:
        """An event, and which webhooks have not taken it. Raises `NoSuchEvent`."""

        def find(connection: Connection) -> tuple[KeptEvent, Sequence[Undelivered]]:
            event = store.find(connection, resource_id, sequence)
            if event is None:
                raise NoSuchEvent(sequence)
            return event, delivery_store.undelivered_of(connection, resource_id, sequence)

        return await self._database.read(find)

    async def resend(self, resource_id: str, sequence: int, webhook_ids: Sequence[str]) -> None:
        """Send an event once more, whether it was taken or given up. Raises `NoSuchEvent`."""
        now = self._clock()

        def again(connection: Connection) -> None:
            store.hold_count(connection, resource_id)
            if store.find(connection, resource_id, sequence) is None:
                raise NoSuchEvent(sequence)
            delivery_store.resend(
                connection, resource_id, sequence, webhook_ids=webhook_ids, now=now
            )

        await self._database.write(again)

    async def resend_dead(self, resource_id: str, webhook_ids: Sequence[str]) -> int:
        """Send all that was given up once more, in the order of each ordering key; how many."""
        now = self._clock()

        def again(connection: Connection) -> int:
            store.hold_count(connection, resource_id)
            return delivery_store.revive(connection, webhook_ids, now)

        number = 0
        while revived := await self._database.write(again):
            number += revived
        return number
