"""Delivers events to webhooks, for as long as the server runs. Nothing waits for it.

At least once, and of each ordering key one after the other. What is under way is known here alone;
what is not written down as delivered is sent again by the next process.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import structlog

from openrooms.events.webhooks.deliveries import Deliveries
from openrooms.events.webhooks.model import Failure, Parcel, Webhook
from openrooms.events.webhooks.service import Webhooks
from openrooms.kernel.clock import Clock
from openrooms.metrics import DELIVERIES_DEAD, DELIVERIES_OLDEST, DELIVERIES_WAITING, EVENTS_SENT
from openrooms.storage.errors import DatabaseAway

# So often it looks for new events while there is a webhook.
LOOK_SECONDS = 0.2
PAUSE_SECONDS = 1.0
MEASURE_SECONDS = 10.0
# So many requests run at once: to one receiver, and in all.
AT_ONCE, MOST_AT_ONCE = 8, 64

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Receiver:
    """What is known here of a webhook's receiver: what is under way, whether it was away."""

    under_way: set[int] = field(default_factory=set)
    # How much may be under way: what does not answer keeps no places from others.
    at_once: int = AT_ONCE
    # Not known at first: what a former process could not reach is tried as soon as anything is.
    is_away: bool = True
    was_told: bool = False


class Courier:
    """Delivers. One for each database: in the process that runs the calls."""

    def __init__(self, webhooks: Webhooks, deliveries: Deliveries, clock: Clock) -> None:
        self._webhooks = webhooks
        self._deliveries = deliveries
        self._clock = clock
        self._receivers: dict[str, Receiver] = defaultdict(Receiver)
        self._stirred = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver for as long as the context is open. What is under way then is sent again later."""
        async with asyncio.TaskGroup() as tasks:
            work = [tasks.create_task(self._run()), tasks.create_task(self._measure())]
            try:
                yield
            finally:
                for task in work:
                    task.cancel()
                await self._webhooks.close()

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            while True:
                await self._webhooks.some()
                try:
                    await self._turn(tasks)
                except DatabaseAway as error:
                    log.debug("courier_waits", why=type(error).__name__)
                except Exception:
                    # The top of a task. What is wrong with one turn may be right in the next.
                    log.exception("courier_failed")
                    await asyncio.sleep(PAUSE_SECONDS)
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._stirred.wait()
                self._stirred.clear()

    async def _turn(self, tasks: asyncio.TaskGroup) -> None:
        """Queue what is new, and begin to send what is due."""
        webhooks = self._webhooks.all
        for resource_id in {one.resource_id for one in webhooks}:
            await self._deliveries.queue(resource_id)
        for gone in self._receivers.keys() - {one.id for one in webhooks}:
            if not self._receivers[gone].under_way:
                del self._receivers[gone]
        for webhook in webhooks:
            await self._begin(webhook, tasks)

    async def _begin(self, webhook: Webhook, tasks: asyncio.TaskGroup) -> None:
        receiver = self._receivers[webhook.id]
        under_way = receiver.under_way
        everywhere = sum(len(one.under_way) for one in self._receivers.values())
        free = min(receiver.at_once - len(under_way), MOST_AT_ONCE - everywhere)
        if free <= 0:
            return
        # What ends while it is read may be in what was read.
        before = frozenset(under_way)
        due = await self._deliveries.due(webhook.id, free + len(before))
        # It may have been removed meanwhile.
        for parcel in due if webhook in self._webhooks.all else ():
            if parcel.number not in before and free > 0:
                free -= 1
                under_way.add(parcel.number)
                tasks.create_task(self._deliver(webhook, parcel))

    async def _deliver(self, webhook: Webhook, parcel: Parcel) -> None:
        receiver = self._receivers[webhook.id]
        try:
            failure = await self._webhooks.post(webhook, parcel.event, tries=parcel.tries)
            if failure is None:
                await self._taken(webhook, parcel, receiver)
            else:
                await self._failed(webhook, parcel, receiver, failure=failure)
        except DatabaseAway as error:
            # Not written down, so it comes again.
            log.debug("delivery_unsettled", webhook=webhook.id, why=type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)
        except Exception:
            # The top of a task.
            log.exception("delivery_failed", webhook=webhook.id)
            await asyncio.sleep(PAUSE_SECONDS)
        finally:
            receiver.under_way.discard(parcel.number)
            self._stirred.set()

    async def _taken(self, webhook: Webhook, parcel: Parcel, receiver: Receiver) -> None:
        await self._deliveries.taken(parcel)
        EVENTS_SENT.labels("delivered").inc()
        receiver.at_once = AT_ONCE
        if receiver.is_away:
            receiver.is_away = False
            await self._deliveries.hasten(webhook)
            if receiver.was_told:
                receiver.was_told = False
                log.info("webhook_back", webhook=webhook.id, receiver=webhook.target.origin)

    async def _failed(
        self, webhook: Webhook, parcel: Parcel, receiver: Receiver, *, failure: Failure
    ) -> None:
        again = await self._deliveries.failed(parcel, failure)
        EVENTS_SENT.labels("failed" if again else "dead").inc()
        told = {
            "webhook": webhook.id,
            "receiver": webhook.target.origin,
            "sequence": parcel.event.sequence,
            "tries": parcel.tries + 1,
            "why": failure.why,
        }
        if again is None:
            log.warning("event_given_up", **told)
        if failure.away or failure.late:
            receiver.at_once = 1
        if not failure.away:
            return
        receiver.is_away = True
        if not receiver.was_told:
            receiver.was_told = True
            log.warning("webhook_away", **told)

    async def _measure(self) -> None:
        while True:
            await self._webhooks.some()
            try:
                waiting, dead, oldest = await self._deliveries.standing()
                DELIVERIES_WAITING.set(waiting)
                DELIVERIES_DEAD.set(dead)
                age = 0.0 if oldest is None else (self._clock() - oldest).total_seconds()
                DELIVERIES_OLDEST.set(max(0.0, age))
            except DatabaseAway as error:
                log.debug("courier_waits", why=type(error).__name__)
            await asyncio.sleep(MEASURE_SECONDS)
