"""Rules about who may import what inside the service: the table of a feature's files, and foreign parts.

The order of the features themselves is import-linter's (pyproject.toml).
"""

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tools.rules.finding import Finding
from tools.rules.source import Source

SERVICE = ("server", "src", "openrooms")
FEATURES = ("identity", "rooms", "calling", "chat", "callautomation", "recording", "sip", "events")

# Files of a feature, and what each may import: files of its own and of lower features, and ground.
# `media` is the port alone (media.engine, media.errors): its values are plain and pure.
ROWS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "errors": frozenset(),
        # What a user may do is values and rules, too; it has a file of its own.
        "model": frozenset({"errors", "media", "capabilities"}),
        # A store turns a duplicate key into the feature's error, so it knows the errors.
        "store": frozenset({"model", "errors", "capabilities", "storage", "storage.errors"}),
        "service": frozenset({"store", "model", "errors", "storage", "storage.errors", "media"}),
        # So does what decodes: it says what is wrong with a message.
        "wire": frozenset({"model", "errors", "http"}),
        # Routes answer for what the ground cannot do now, and take in what the engine reports.
        "routes": frozenset({"service", "wire", "errors", "http", "media", "storage.errors"}),
    }
)
ACTING = frozenset({"service", "wire", "routes"})
MEDIA_PORT = frozenset({"openrooms.media.engine", "openrooms.media.errors"})


@dataclass(frozen=True, slots=True)
class Import:
    """One name brought in: `openrooms.rooms.model.Role`, at a line."""

    module: str
    name: str
    line: int

    @property
    def whole(self) -> str:
        return f"{self.module}.{self.name}" if self.name else self.module

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the service a file stands: `rooms`, `wire`; top files have no folder."""

    folder: str
    inner: tuple[str, ...]
    stem: str


def foreign_parts(source: Source) -> Iterator[Finding]:
    """Each part we stand on is known in few places, so that it can be changed there."""
    place = place_of(source)
    if place is None:
        return
    for one in imports(source.tree):
        keeper = KEEPERS.get(one.top)
        if keeper is not None and not keeper.admits(place, one):
            what = f"imports {one.whole}; only {keeper.who} may"
            yield Finding(source.path, one.line, "foreign-part", what)


def file_rows(source: Source) -> Iterator[Finding]:
    """A feature's file imports only what its row of the table allows."""
    place = place_of(source)
    if place is None or place.folder not in FEATURES or place.stem not in ROWS or place.inner:
        return
    allowed = ROWS[place.stem] | {place.stem}
    for one in imports(source.tree):
        if one.top != "openrooms":
            continue
        wanted = file_named(one)
        # A feature may have a file beside the table (capabilities, tokens): what acts may use it.
        beside = wanted not in ROWS and one.module.startswith(f"openrooms.{place.folder}")
        if wanted not in allowed | {"kernel"} and not (beside and place.stem in ACTING):
            may = ", ".join(sorted(allowed - {place.stem} | {"kernel"}))
            what = f"{place.stem}.py imports {one.whole}; it may import: {may}"
            yield Finding(source.path, one.line, "file-row", what)


def file_named(one: Import) -> str:
    """What an import stands for in the table: a feature's file, or a folder of the ground."""
    parts = one.whole.split(".")
    folder = parts[1] if len(parts) > 1 else ""
    if folder == "media":
        return "media" if one.module in MEDIA_PORT or one.whole in MEDIA_PORT else one.module
    if one.module == "openrooms.storage.errors" or one.whole == "openrooms.storage.errors":
        return "storage.errors"
    if folder in FEATURES:
        return parts[2] if len(parts) > 2 else folder
    return folder


def place_of(source: Source) -> Place | None:
    """None for a file outside the service."""
    if source.suffix != ".py" or source.parts[:3] != SERVICE:
        return None
    *folders, name = source.parts[3:]
    return Place(folders[0] if folders else "", tuple(folders[1:]), name.removesuffix(".py"))


def imports(tree: ast.Module) -> Iterator[Import]:
    """Every import of a module, those inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                yield Import(one.name, "", node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for one in node.names:
                yield Import(node.module, one.name, node.lineno)


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who may import a foreign part."""

    who: str
    admits: Callable[[Place, Import], bool]


def _sql(place: Place, one: Import) -> bool:
    # `Connection` is what every transaction is a function of, so services name its type.
    return (
        place.folder == "storage"
        or place.stem == "store"
        or place.stem.endswith("_store")
        or (place.stem == "service" and one.whole == "sqlalchemy.Connection")
    )


def _migrations(place: Place, _one: Import) -> bool:
    return place.folder == "storage"


def _web(place: Place, _one: Import) -> bool:
    # The agent socket is the one route that stays open; like the gate it has a file of its own,
    # and both end their WebSockets by `closing`.
    return (
        place.folder == "http"
        or place.stem in {"routes", "app", "gate", "agent_socket", "closing"}
        or "gate" in place.inner
    )


def _json(place: Place, _one: Import) -> bool:
    return (
        place.folder == "http" or place.stem in {"wire", "config"} or place.stem.endswith("_wire")
    )


def _engine(place: Place, _one: Import) -> bool:
    return place.folder == "media" and place.inner[:1] == ("livekit",)


KEEPERS: Mapping[str, Keeper] = MappingProxyType(
    {
        "sqlalchemy": Keeper(
            "storage, store.py and *_store.py (service.py: the type Connection)", _sql
        ),
        "alembic": Keeper("storage", _migrations),
        "starlette": Keeper("http, routes.py, app.py, the gate and the agent socket", _web),
        "msgspec": Keeper("http, wire.py, *_wire.py and config.py", _json),
        "livekit": Keeper("media/livekit", _engine),
    }
)
