"""Each transaction makes a span with the name of its function, and no word of what went wrong."""

from functools import partial
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from openrooms.storage.database import Connection, open_database
from openrooms.storage.traced import TracedDatabase, name_of

pytestmark = pytest.mark.anyio


def _seven(connection: Connection, number: int = 7) -> int:
    return number


def _fail(connection: Connection) -> int:
    raise ValueError("a secret")


async def test_each_transaction_makes_a_span(tmp_path: Path) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    followed: list[int] = []
    async with open_database(tmp_path / "data") as inner:
        database = TracedDatabase(inner, provider.get_tracer("test"))
        database.hear(lambda: None)
        written = await database.write(_seven, then=followed.append, brief=True)
        read = await database.read(partial(_seven, number=8))
        looked = await database.look(_seven)
        with pytest.raises(ValueError, match="a secret"):
            await database.read(_fail)
        usable = database.usable

    spans = exporter.get_finished_spans()
    assert (written, read, looked, followed, usable) == (7, 8, 7, [7], True)
    assert [(span.name, (span.attributes or {})["openrooms.transaction"]) for span in spans] == [
        ("database write", "seven"),
        ("database read", "seven"),
        ("database look", "seven"),
        ("database read", "fail"),
    ]
    assert (spans[-1].attributes or {})["error.type"] == "ValueError"
    assert "a secret" not in spans[-1].to_json()


def test_what_has_no_name_is_called_by_its_kind() -> None:
    class Nameless:
        def __call__(self, connection: Connection) -> None:
            """Do nothing."""

    assert name_of(Nameless()) == "Nameless"
