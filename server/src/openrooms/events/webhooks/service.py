"""What an operator can do with webhooks, and which there are."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial

import structlog

from openrooms.events import store as event_store
from openrooms.events.counting import count
from openrooms.events.model import OWN, KeptEvent
from openrooms.events.webhooks import store
from openrooms.events.webhooks.errors import (
    NoSuchWebhook,
    NotValidated,
    TooManyWebhooks,
    TriedAlready,
)
from openrooms.events.webhooks.model import (
    MOST_WEBHOOKS,
    Failure,
    Form,
    Former,
    Webhook,
    judge,
    parse_form,
    parse_overlap,
    parse_types,
    parse_url,
)
from openrooms.events.webhooks.sender import Reply, Request, Sender, Unsent
from openrooms.events.webhooks.signature import sign
from openrooms.events.webhooks.wire import (
    ALLOWED_ORIGIN,
    VALIDATION,
    Letter,
    reads_code,
    write_letter,
)
from openrooms.kernel.clock import Clock
from openrooms.kernel.ids import new_guid, new_key
from openrooms.storage.database import Connection, Database
from openrooms.storage.locks import lock_beginning
from openrooms.storage.revisions import raise_revision
from openrooms.storage.secrets import Vault

REVISION = "webhooks"
TEST = f"{OWN}WebhookTest"

log = structlog.get_logger(__name__)


class Webhooks:
    """The webhooks of this server, with what was read of them last.

    `origin`: the name that asks receivers of CloudEvents for their leave.
    """

    def __init__(
        self, database: Database, vault: Vault, clock: Clock, *, sender: Sender, origin: str
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._sender = sender
        self._origin = origin
        self._all: tuple[Webhook, ...] = ()
        self._some = asyncio.Event()
        self._tried = set[str]()

    # looking

    @property
    def all(self) -> tuple[Webhook, ...]:
        return self._all

    async def some(self) -> None:
        """Return once there is a webhook."""
        await self._some.wait()

    async def read(self) -> None:
        """Take over what is written in the database now."""
        sealed = await self._database.read(store.find_webhooks)
        self._all = tuple(self._opened(one) for one in sealed)
        if self._all:
            self._some.set()
        else:
            self._some.clear()

    def of(self, resource_id: str) -> tuple[Webhook, ...]:
        return tuple(one for one in self._all if one.resource_id == resource_id)

    def find(self, resource_id: str, webhook_id: str) -> Webhook:
        """Raises `NoSuchWebhook`."""
        for one in self.of(resource_id):
            if one.id == webhook_id:
                return one
        raise NoSuchWebhook(webhook_id)

    # changing

    async def add(
        self, resource_id: str, url: str, *, form: str, types: Iterable[str] = ()
    ) -> Webhook:
        """Send events there from now on, once the receiver has confirmed that it wants them."""
        parse_url(url)
        new = Webhook(
            id=new_guid(),
            resource_id=resource_id,
            url=url,
            secret=new_key(),
            form=parse_form(form),
            types=parse_types(types),
            created_at=self._clock(),
        )
        with self._trying(resource_id):
            await self._shake_hands(new)
        await self._database.write(partial(self._add, new=self._sealed(new)))
        await self.read()
        log.info("webhook_added", webhook=new.id, resource=resource_id, form=new.form.value)
        return new

    async def rotate_secret(self, resource_id: str, webhook_id: str, *, hours: int) -> Webhook:
        """Make another secret; for so many hours the one before signs, too, and none before that."""
        overlap = parse_overlap(hours)
        await self.read()
        found = self.find(resource_id, webhook_id)
        sealed, until = self._vault.encrypt(new_key()), self._clock() + overlap

        def change(connection: Connection) -> None:
            if not store.change_secret(connection, found.id, sealed=sealed, until=until):
                raise NoSuchWebhook(webhook_id)
            raise_revision(connection, REVISION)

        await self._database.write(change)
        await self.read()
        log.info("webhook_secret_rotated", webhook=found.id, resource=resource_id)
        return found._replace(
            secret=self._vault.decrypt(sealed), former=Former(found.secret, until)
        )

    async def remove(self, resource_id: str, webhook_id: str) -> Webhook:
        """Send nothing there any more; what waits for it is never sent."""
        await self.read()
        gone = self.find(resource_id, webhook_id)

        def drop(connection: Connection) -> None:
            store.drop_webhook(connection, gone.id)
            raise_revision(connection, REVISION)

        await self._database.write(drop)
        await self.read()
        log.info("webhook_removed", webhook=gone.id, resource=resource_id)
        return gone

    async def forget_resource(self, resource_id: str) -> None:
        """Forget the webhooks of a deleted resource."""

        def drop(connection: Connection) -> None:
            if store.drop_of_resource(connection, resource_id):
                raise_revision(connection, REVISION)

        await self._database.write(drop)

    async def test(self, resource_id: str, webhook_id: str) -> Failure | None:
        """Send an event of no meaning, once; None: it was taken."""
        await self.read()
        webhook = self.find(resource_id, webhook_id)
        event = self._event(webhook, TEST, f'{{"webhookId":"{webhook.id}"}}')
        with self._trying(resource_id):
            return await self.post(webhook, event)

    # sending

    async def post(self, webhook: Webhook, event: KeptEvent, *, tries: int = 0) -> Failure | None:
        """Send an event to a webhook, once; None: it was taken."""
        try:
            reply = await self._post(
                webhook, event.id, write_letter(webhook.form, event, tries=tries)
            )
        except Unsent as unsent:
            return unsent.failure
        return judge(reply.status)

    async def _post(
        self, webhook: Webhook, message_id: str, letter: Letter, *, wants_body: bool = False
    ) -> Reply:
        now = self._clock()
        signed = sign(webhook.secrets(now), message_id, letter.body, at=now)
        headers = {**letter.headers, **signed}
        target = webhook.target
        return await self._sender.send(
            Request("POST", target, headers, letter.body, wants_body=wants_body)
        )

    async def _shake_hands(self, webhook: Webhook) -> None:
        """Have the receiver confirm that it wants events. Raises `NotValidated`."""
        confirms = {Form.EVENT_GRID: self._give_code_back, Form.CLOUD_EVENTS: self._ask_for_leave}
        try:
            why = await confirms[webhook.form](webhook)
        except Unsent as unsent:
            why = unsent.failure.why
        if why is not None:
            raise NotValidated(why)

    async def _give_code_back(self, webhook: Webhook) -> str | None:
        """Event Grid's handshake: a code is sent, and given back. What is wrong with the answer."""
        code = new_guid()
        event = self._event(webhook, VALIDATION, f'{{"validationCode":"{code}"}}')
        letter = write_letter(webhook.form, event)
        reply = await self._post(webhook, event.id, letter, wants_body=True)
        if reply.status != 200:
            return f"answered {reply.status}"
        return None if reads_code(reply.body, code) else "did not give the validation code back"

    async def _ask_for_leave(self, webhook: Webhook) -> str | None:
        """The handshake of CloudEvents: its HTTP 1.1 Web Hooks, chapter 4."""
        asked = {"webhook-request-origin": self._origin}
        reply = await self._sender.send(Request("OPTIONS", webhook.target, asked))
        if not 200 <= reply.status < 300:
            return f"answered {reply.status}"
        allowed = [one.strip() for one in reply.headers.get(ALLOWED_ORIGIN, "").split(",")]
        if "*" in allowed or self._origin in allowed:
            return None
        return f"does not allow {self._origin}"

    async def close(self) -> None:
        await self._sender.close()

    # inside

    @contextmanager
    def _trying(self, resource_id: str) -> Iterator[None]:
        """One receiver of a resource is asked at a time. Raises `TriedAlready`."""
        if resource_id in self._tried:
            raise TriedAlready
        self._tried.add(resource_id)
        try:
            yield
        finally:
            self._tried.discard(resource_id)

    def _event(self, webhook: Webhook, kind: str, data: str) -> KeptEvent:
        return KeptEvent(webhook.resource_id, 0, new_guid(), kind, "", data, self._clock())

    def _add(self, connection: Connection, *, new: store.Sealed) -> None:
        lock_beginning(connection)
        if store.count_webhooks(connection, new.resource_id) >= MOST_WEBHOOKS:
            raise TooManyWebhooks(MOST_WEBHOOKS)
        # What was committed before is not for it.
        while event_store.has_uncounted(connection, new.resource_id):
            count(connection, new.resource_id, new.created_at)
        store.add_webhook(connection, new)
        raise_revision(connection, REVISION)

    def _sealed(self, new: Webhook) -> store.Sealed:
        return store.Sealed(
            new.id,
            new.resource_id,
            self._vault.encrypt(new.url.encode()),
            self._vault.encrypt(new.secret),
            new.form.value,
            store.write_types(new.types),
            new.created_at,
        )

    def _opened(self, sealed: store.Sealed) -> Webhook:
        return Webhook(
            sealed.id,
            sealed.resource_id,
            self._vault.decrypt(sealed.url).decode(),
            self._vault.decrypt(sealed.secret),
            Form(sealed.form),
            store.read_types(sealed.types),
            sealed.created_at,
            self._former(sealed),
        )

    def _former(self, sealed: store.Sealed) -> Former | None:
        if sealed.former_secret is None or sealed.former_until is None:
            return None
        return Former(self._vault.decrypt(sealed.former_secret), sealed.former_until)


async def open_webhooks(
    database: Database, vault: Vault, clock: Clock, *, sender: Sender, origin: str
) -> Webhooks:
    """The webhooks that there are."""
    webhooks = Webhooks(database, vault, clock, sender=sender, origin=origin)
    await webhooks.read()
    return webhooks
