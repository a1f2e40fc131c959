"""The API of OpenRooms alone, put together from the features that have a part in it."""

from dataclasses import replace

from openrooms.calling.explaining import description as explain_description
from openrooms.calling.explaining.routes import ExplainRoutes
from openrooms.calling.records import description as records_description
from openrooms.calling.records.routes import RecordRoutes
from openrooms.http.description import Description
from openrooms.http.routing import Api
from openrooms.rooms.settings.description import description as settings_description
from openrooms.rooms.settings.routes import SettingsRoutes


def own_api(settings: SettingsRoutes, records: RecordRoutes, explain: ExplainRoutes) -> Api:
    """Every operation below `/openrooms`."""
    api = settings.api
    return replace(api, operations=(*api.operations, *records.operations, *explain.operations))


def own_description() -> Description:
    """What they say of themselves."""
    of_settings = settings_description()
    return replace(
        of_settings,
        title="OpenRooms",
        says="What OpenRooms has beyond the APIs of Azure: settings of rooms, the record of calls, why joins fail.",
        operations=(
            *of_settings.operations,
            *records_description.DESCRIBED,
            *explain_description.DESCRIBED,
        ),
        parts={**of_settings.parts, **records_description.PARTS},
    )
