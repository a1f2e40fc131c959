"""What the operations on webhooks say of themselves."""

from openrooms.events.webhooks import own_wire
from openrooms.events.webhooks.routes import ROTATE, TEST, WEBHOOK, WEBHOOKS
from openrooms.http.bodies import JSON
from openrooms.http.description import Described

PARTS = {"webhookId": "The webhook's id, as the answer that made it has it."}

DESCRIBED = (
    Described(
        method="GET",
        path=WEBHOOKS,
        id="Webhooks_List",
        says="List the webhooks of the resource.",
        status=200,
        answer=own_wire.WebhooksModel,
    ),
    Described(
        method="POST",
        path=WEBHOOKS,
        id="Webhooks_Add",
        says="Send events there from now on, once the receiver has confirmed that it wants them.",
        status=201,
        takes=own_wire.AddWebhookRequest,
        media_types=tuple(JSON),
        answer=own_wire.WebhookModel,
    ),
    Described(
        method="GET",
        path=WEBHOOK,
        id="Webhooks_Get",
        says="Read one webhook.",
        status=200,
        answer=own_wire.WebhookModel,
        errors=(404,),
    ),
    Described(
        method="DELETE",
        path=WEBHOOK,
        id="Webhooks_Remove",
        says="Send nothing there any more, nor what still waits for it.",
        status=204,
        errors=(404,),
    ),
    Described(
        method="POST",
        path=ROTATE,
        id="Webhooks_RotateSecret",
        says="Make another secret. For a time events are signed with both.",
        status=200,
        takes=own_wire.RotateSecretRequest,
        media_types=tuple(JSON),
        may_be_empty=True,
        answer=own_wire.WebhookModel,
        errors=(404,),
    ),
    Described(
        method="POST",
        path=TEST,
        id="Webhooks_Test",
        says="Send an event of no meaning, once, and say whether it was taken.",
        status=200,
        answer=own_wire.TriedModel,
        errors=(404,),
    ),
)
