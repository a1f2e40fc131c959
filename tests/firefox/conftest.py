"""Who meets whom: people in Firefox with each other, and with people in Chromium."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from support.browser import Town
from support.firefox import firefox
from support.likeness import DOCTOR, PATIENT, Likeness
from support.sdkpage import Client, Seated

PAIRS = ("firefox-firefox", "chromium-firefox", "firefox-chromium")


@pytest.fixture(scope="module", params=PAIRS)
def two(
    request: pytest.FixtureRequest,
    neighbours: Town,
    sdk_page: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Client, Client]]:
    """Ann and Ben, each in front of a browser of the kind that the pair names, with the page open."""
    with ExitStack() as stack:

        def seat(browser: str, likeness: Likeness) -> Seated:
            if browser == "chromium":
                return neighbours.call(likeness)
            return stack.enter_context(firefox(likeness, tmp_path_factory.mktemp("firefox")))

        ann, ben = map(seat, request.param.split("-"), (DOCTOR, PATIENT))
        pair = Client(ann, sdk_page), Client(ben, sdk_page)
        for each in pair:
            each.open()
        yield pair
        neighbours.empty()
