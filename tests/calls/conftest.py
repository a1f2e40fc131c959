"""The page that hands the SDK to tests."""

from collections.abc import Iterator

import pytest
from support.sdkpage import serve_page


@pytest.fixture(scope="session")
def sdk_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where it is served."""
    with serve_page(tmp_path_factory.mktemp("page")) as address:
        yield address
