"""The commands on the record of calls, and on what people thought of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from openrooms.calling.explaining import wire as explaining_wire
from openrooms.calling.explaining.errors import ExplainError
from openrooms.calling.explaining.service import Explainer
from openrooms.calling.records import wire
from openrooms.calling.records.errors import RecordError
from openrooms.calling.records.service import Records
from openrooms.calling.surveys import wire as surveys_wire
from openrooms.calling.surveys.service import Surveys
from openrooms.control.messages import Command, Facts, Refused, optional_text, text, whole
from openrooms.identity.resources import Resources
from openrooms.rooms.errors import RoomError

MOST_AT_ONCE = 1000
LEGS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class CallCommands:
    """What an operator can see of calls. A resource is named, or the only one."""

    resources: Resources
    records: Records
    surveys: Surveys
    explainer: Explainer

    @property
    def commands(self) -> Mapping[str, Command]:
        return {
            "call.list": self.list,
            "call.show": self.show,
            "call.refused": self.refused,
            "call.surveys": self.list_surveys,
            "explain": self.explain,
        }

    async def list(self, arguments: Facts) -> Facts:
        resource_id, room_id = await self._resource(arguments), optional_text(arguments, "room")
        size = _size(arguments)
        try:
            page = await self.records.calls(resource_id, room_id=room_id, size=size)
        except RoomError as error:
            raise Refused(f"Room {room_id!r:.50}: {error.message}") from error
        return _told(wire.write_calls(page.value), more=page.next is not None)

    async def show(self, arguments: Facts) -> Facts:
        """One call with a page of its legs; `next` says where they go on."""
        resource_id, call_id = await self._resource(arguments), text(arguments, "id")
        position = optional_text(arguments, "after")
        after = None if position is None else wire.read_anchor(position)[0]
        try:
            call = await self.records.call(resource_id, call_id)
            legs = await self.records.legs(resource_id, call_id, after=after, size=LEGS_AT_ONCE)
        except RecordError as error:
            raise Refused(f"Call {call_id!r:.50}: not on record.") from error
        told = json.loads(wire.write_legs(legs.value))
        goes_on = None if legs.next is None else wire.write_anchor(legs.next)
        return {
            **json.loads(wire.write_call(call)),
            "participants": told["value"],
            "next": goes_on,
        }

    async def refused(self, arguments: Facts) -> Facts:
        resource_id, user = await self._resource(arguments), optional_text(arguments, "user")
        size = _size(arguments)
        try:
            page = await self.records.refusals(resource_id, user=user, size=size)
        except RecordError as error:
            raise Refused(f"User {user!r:.150}: {error.message}") from error
        return _told(wire.write_refusals(page.value), more=page.next is not None)

    async def list_surveys(self, arguments: Facts) -> Facts:
        resource_id, call_id = await self._resource(arguments), optional_text(arguments, "call")
        user, size = optional_text(arguments, "user"), _size(arguments)
        try:
            page = await self.surveys.surveys(resource_id, call_id=call_id, user=user, size=size)
        except RecordError as error:
            raise Refused(f"Surveys: {error.message}") from error
        return _told(surveys_wire.write_surveys(page.value), more=page.next is not None)

    async def explain(self, arguments: Facts) -> Facts:
        resource_id = await self._resource(arguments)
        room_id, user = text(arguments, "room"), text(arguments, "user")
        try:
            at = explaining_wire.read_moment(optional_text(arguments, "at"))
            told = await self.explainer.explain(resource_id, room_id, user, at=at)
        except RoomError as error:
            raise Refused(f"Room {room_id!r:.50}: {error.message}") from error
        except ExplainError as error:
            raise Refused(error.message) from error
        facts: Facts = json.loads(explaining_wire.write_explanation(told))
        return facts

    async def _resource(self, arguments: Facts) -> str:
        await self.resources.read()
        return self.resources.find(optional_text(arguments, "resource")).id


def _size(arguments: Facts) -> int:
    return max(1, min(whole(arguments, "limit"), MOST_AT_ONCE))


def _told(body: bytes, *, more: bool) -> Facts:
    return {**json.loads(body), "more": more}
