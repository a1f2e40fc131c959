"""The commands on events and webhooks. A secret of a webhook is in the answer that makes it, and in no other."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openrooms.control.messages import (
    Command,
    Facts,
    flag,
    optional_text,
    text,
    texts,
    whole,
)
from openrooms.events import wire
from openrooms.events.model import KeptEvent
from openrooms.events.service import Events
from openrooms.events.webhooks.deliveries import Deliveries
from openrooms.events.webhooks.model import Undelivered, Webhook
from openrooms.events.webhooks.service import Webhooks
from openrooms.events.webhooks.signature import secret_text
from openrooms.identity.resources import Resources

MOST_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class WebhookCommands:
    """What an operator can do with webhooks. A resource is named, or the only one."""

    resources: Resources
    webhooks: Webhooks

    @property
    def commands(self) -> Mapping[str, Command]:
        return {
            "webhook.add": self.add,
            "webhook.list": self.list,
            "webhook.show": self.show,
            "webhook.remove": self.remove,
            "webhook.rotate-secret": self.rotate_secret,
            "webhook.test": self.test,
        }

    async def add(self, arguments: Facts) -> Facts:
        made = await self.webhooks.add(
            await _resource(self.resources, arguments),
            text(arguments, "url"),
            form=text(arguments, "form"),
            types=texts(arguments, "types"),
        )
        return _tell(made) | {"url": made.url, "secret": secret_text(made.secret)}

    async def list(self, arguments: Facts) -> Facts:
        resource_id = await _resource(self.resources, arguments)
        await self.webhooks.read()
        return {"webhooks": [_tell(one) for one in self.webhooks.of(resource_id)]}

    async def show(self, arguments: Facts) -> Facts:
        resource_id = await _resource(self.resources, arguments)
        await self.webhooks.read()
        found = self.webhooks.find(resource_id, text(arguments, "id"))
        return _tell(found) | {"url": found.url}

    async def remove(self, arguments: Facts) -> Facts:
        resource_id = await _resource(self.resources, arguments)
        return _tell(await self.webhooks.remove(resource_id, text(arguments, "id")))

    async def rotate_secret(self, arguments: Facts) -> Facts:
        resource_id = await _resource(self.resources, arguments)
        made = await self.webhooks.rotate_secret(
            resource_id, text(arguments, "id"), hours=whole(arguments, "hours")
        )
        return _tell(made) | {"secret": secret_text(made.secret)}

    async def test(self, arguments: Facts) -> Facts:
        resource_id, name = await _resource(self.resources, arguments), text(arguments, "id")
        failure = await self.webhooks.test(resource_id, name)
        return {"id": name, "taken": failure is None, "why": failure and failure.why}


@dataclass(frozen=True, slots=True)
class EventCommands:
    """What an operator can see of events, and send again."""

    resources: Resources
    events: Events
    deliveries: Deliveries
    webhooks: Webhooks

    @property
    def commands(self) -> Mapping[str, Command]:
        return {
            "event.list": self.list,
            "event.undelivered": self.undelivered,
            "event.show": self.show,
            "event.resend": self.resend,
            "event.resend-dead": self.resend_dead,
        }

    async def list(self, arguments: Facts) -> Facts:
        resource_id = await _resource(self.resources, arguments)
        found = await self.events.latest(resource_id, _size(arguments))
        return {"events": [_event(one) for one in found]}

    async def undelivered(self, arguments: Facts) -> Facts:
        resource_id = await _resource(self.resources, arguments)
        found = await self.deliveries.undelivered(
            resource_id, dead=flag(arguments, "dead"), size=_size(arguments)
        )
        return {"deliveries": [_delivery(one) | _event(one.event) for one in found]}

    async def show(self, arguments: Facts) -> Facts:
        resource_id = await _resource(self.resources, arguments)
        event, left = await self.deliveries.show(resource_id, whole(arguments, "sequence"))
        return _event(event) | {"undelivered": [_delivery(one) for one in left]}

    async def resend(self, arguments: Facts) -> Facts:
        resource_id, ids = await self._receivers(arguments)
        await self.deliveries.resend(resource_id, whole(arguments, "sequence"), ids)
        return {"webhooks": len(ids)}

    async def resend_dead(self, arguments: Facts) -> Facts:
        resource_id, ids = await self._receivers(arguments)
        return {"deliveries": await self.deliveries.resend_dead(resource_id, ids)}

    async def _receivers(self, arguments: Facts) -> tuple[str, Sequence[str]]:
        """The resource, and its webhooks, or the one that is named."""
        resource_id = await _resource(self.resources, arguments)
        await self.webhooks.read()
        named = optional_text(arguments, "webhook")
        if named is not None:
            return resource_id, [self.webhooks.find(resource_id, named).id]
        return resource_id, [one.id for one in self.webhooks.of(resource_id)]


async def _resource(resources: Resources, arguments: Facts) -> str:
    await resources.read()
    return resources.find(optional_text(arguments, "resource")).id


def _size(arguments: Facts) -> int:
    return max(1, min(whole(arguments, "limit"), MOST_AT_ONCE))


def _tell(webhook: Webhook) -> dict[str, object]:
    return {
        "id": webhook.id,
        "receiver": webhook.target.origin,
        "form": webhook.form.value,
        "types": None if webhook.types is None else sorted(webhook.types),
        "createdAt": webhook.created_at.isoformat(timespec="seconds"),
        "formerSecretUntil": None
        if webhook.former is None
        else webhook.former.until.isoformat(timespec="seconds"),
    }


def _event(event: KeptEvent) -> dict[str, object]:
    told: dict[str, object] = json.loads(wire.write_event(event))
    return told


def _delivery(one: Undelivered) -> dict[str, object]:
    return {
        "webhook": one.webhook_id,
        "tries": one.tries,
        "failure": one.failure,
        "dueAt": None if one.due_at is None else one.due_at.isoformat(timespec="seconds"),
        "givenUpAt": None if one.dead_at is None else one.dead_at.isoformat(timespec="seconds"),
    }
