"""The API of OpenRooms alone, put together from the features that have a part in it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from openrooms.calling.explaining import description as explain_description
from openrooms.calling.records import description as records_description
from openrooms.calling.surveys import description as surveys_description
from openrooms.events import description as events_description
from openrooms.events.webhooks import description as webhooks_description
from openrooms.http.description import Description
from openrooms.http.routing import Api, Operation
from openrooms.rooms.settings.description import description as settings_description
from openrooms.rooms.settings.routes import SettingsRoutes


class Part(Protocol):
    """The operations that one feature has in it."""

    @property
    def operations(self) -> Sequence[Operation]: ...


def own_api(settings: SettingsRoutes, *parts: Part) -> Api:
    """Every operation below `/openrooms`."""
    api = settings.api
    others = [one for part in parts for one in part.operations]
    return replace(api, operations=(*api.operations, *others))


def own_description() -> Description:
    """What they say of themselves."""
    of_settings = settings_description()
    return replace(
        of_settings,
        title="OpenRooms",
        says="What OpenRooms has beyond the APIs of Azure: settings of rooms, the record of calls, what people think of them, why joins fail, events and where they are sent.",
        operations=(
            *of_settings.operations,
            *records_description.DESCRIBED,
            *surveys_description.DESCRIBED,
            *explain_description.DESCRIBED,
            *events_description.DESCRIBED,
            *webhooks_description.DESCRIBED,
        ),
        parts={
            **of_settings.parts,
            **records_description.PARTS,
            **webhooks_description.PARTS,
        },
    )
