"""What every test of webhooks may ask for."""

from collections.abc import Iterator

import pytest
from support.receiver import Receiver, receiving
from tests.calling.records.archive import Archive
from tests.events.webhooks.post import Post

from openrooms.events.webhooks.deliveries import Deliveries


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as opened:
        yield opened


@pytest.fixture
def post(archive: Archive) -> Post:
    return Post(archive, Deliveries(archive.house.database, archive.house.clock))
