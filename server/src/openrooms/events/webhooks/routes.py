"""The HTTP operations on webhooks: decode, call, encode. Whoever has the access key may use them."""

from openrooms.events.webhooks import own_wire
from openrooms.events.webhooks.service import Webhooks
from openrooms.http.bodies import JSON
from openrooms.http.routing import Answer, Incoming, Operation

WEBHOOKS = "/openrooms/v1/webhooks"
WEBHOOK = f"{WEBHOOKS}/{{webhookId}}"
ROTATE = f"{WEBHOOK}/:rotateSecret"
TEST = f"{WEBHOOK}/:test"
READS, WRITES = "room_reads", "room_writes"


class WebhookRoutes:
    """What the command does, for one resource: its own."""

    def __init__(self, webhooks: Webhooks) -> None:
        self._webhooks = webhooks

    @property
    def operations(self) -> tuple[Operation, ...]:
        return (
            Operation("GET", WEBHOOKS, self.list, name="ListWebhooks", quota=READS),
            Operation("POST", WEBHOOKS, self.add, JSON, name="AddWebhook", quota=WRITES),
            Operation("GET", WEBHOOK, self.get, name="GetWebhook", quota=READS),
            Operation("DELETE", WEBHOOK, self.remove, name="RemoveWebhook", quota=WRITES),
            Operation(
                *("POST", ROTATE, self.rotate_secret, JSON),
                may_be_empty=True,
                name="RotateWebhookSecret",
                quota=WRITES,
            ),
            Operation("POST", TEST, self.test, name="TestWebhook", quota=WRITES),
        )

    async def list(self, incoming: Incoming) -> Answer:
        await self._webhooks.read()
        return Answer(200, own_wire.write_webhooks(self._webhooks.of(incoming.resource_id)))

    async def add(self, incoming: Incoming) -> Answer:
        wish = own_wire.read_wish(incoming.body)
        made = await self._webhooks.add(
            incoming.resource_id, wish.url, form=wish.form, types=wish.types
        )
        return Answer(201, own_wire.write_webhook(made, with_secret=True))

    async def get(self, incoming: Incoming) -> Answer:
        await self._webhooks.read()
        found = self._webhooks.find(incoming.resource_id, incoming.parts["webhookId"])
        return Answer(200, own_wire.write_webhook(found))

    async def remove(self, incoming: Incoming) -> Answer:
        await self._webhooks.remove(incoming.resource_id, incoming.parts["webhookId"])
        return Answer(204)

    async def rotate_secret(self, incoming: Incoming) -> Answer:
        made = await self._webhooks.rotate_secret(
            incoming.resource_id,
            incoming.parts["webhookId"],
            hours=own_wire.read_hours(incoming.body),
        )
        return Answer(200, own_wire.write_webhook(made, with_secret=True))

    async def test(self, incoming: Incoming) -> Answer:
        failure = await self._webhooks.test(incoming.resource_id, incoming.parts["webhookId"])
        return Answer(200, own_wire.write_tried(failure))
