"""The rules about imports hold the table of a feature's files, and keep foreign parts where they belong."""

import pytest

from tools.rules import imports
from tools.rules.source import Source


def broken(path: str, text: str) -> list[str]:
    source = Source(f"server/src/openrooms/{path}", text)
    return [one.what for one in (*imports.file_rows(source), *imports.foreign_parts(source))]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("rooms/model.py", "from openrooms.rooms.service import Rooms\n"),
        ("rooms/model.py", "from openrooms.storage.database import Database\n"),
        ("rooms/errors.py", "from openrooms.rooms.model import Room\n"),
        ("rooms/store.py", "from openrooms.rooms import wire\n"),
        ("rooms/service.py", "from openrooms.rooms import wire\n"),
        ("rooms/service.py", "from openrooms.http import dates\n"),
        ("rooms/wire.py", "from openrooms.rooms.store import add\n"),
        ("rooms/routes.py", "from openrooms.rooms import store\n"),
        ("calling/service.py", "from openrooms.media.livekit.client import Twirp\n"),
    ],
)
def test_a_file_that_reaches_beyond_its_row_is_found(path: str, text: str) -> None:
    assert broken(path, text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("rooms/model.py", "from openrooms.rooms.errors import RoomNotFound\n"),
        ("rooms/store.py", "from openrooms.rooms.model import Room\nimport sqlalchemy\n"),
        ("rooms/service.py", "from openrooms.rooms import store\n"),
        ("rooms/service.py", "from openrooms.kernel.clock import Clock\n"),
        ("rooms/wire.py", "from openrooms.http import dates\nimport msgspec\n"),
        ("rooms/routes.py", "from openrooms.rooms import wire\nimport starlette.routing\n"),
        ("calling/service.py", "from openrooms.rooms.service import Rooms\n"),
        ("calling/model.py", "from openrooms.rooms.model import Role\n"),
        ("calling/model.py", "from openrooms.media.engine import Grants\n"),
        ("identity/service.py", "from openrooms.identity.tokens import Tokens\n"),
        ("identity/service.py", "from sqlalchemy import Connection\n"),
        ("media/livekit/client.py", "from livekit.protocol import rtc\n"),
    ],
)
def test_a_file_within_its_row_is_not_found(path: str, text: str) -> None:
    assert broken(path, text) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("rooms/service.py", "from sqlalchemy import select\n"),
        ("rooms/model.py", "import sqlalchemy as sa\n"),
        ("rooms/service.py", "from starlette.responses import Response\n"),
        ("rooms/model.py", "import msgspec\n"),
        ("calling/gate.py", "from livekit.protocol import rtc\n"),
        ("app.py", "import alembic\n"),
    ],
)
def test_a_foreign_part_outside_its_place_is_found(path: str, text: str) -> None:
    assert any("only" in what for what in broken(path, text))


def test_the_import_inside_a_function_counts_too() -> None:
    assert broken("rooms/model.py", "def f():\n    import sqlalchemy\n")
