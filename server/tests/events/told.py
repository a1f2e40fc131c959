"""Reading events in tests."""

from tests.calling.records.archive import Archive
from tests.identity.house import Json

EVENTS = "/openrooms/v1/events"
CALLS = "Microsoft.Communication."


async def told(archive: Archive, prefix: str = "") -> list[Json]:
    """Every event that is kept, of the types that begin so, in order."""
    found, target = [], EVENTS
    while target:
        page = await archive.read(target, "Events_List")
        found += page["value"]
        target = page.get("nextLink", "").removeprefix("https://rooms.example:8443")
    return [one for one in found if one["type"].startswith(prefix)]


async def types(archive: Archive, prefix: str = "") -> list[str]:
    return [one["type"].removeprefix(prefix) for one in await told(archive, prefix)]
