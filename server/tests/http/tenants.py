"""A server of one resource, for tests."""

from collections.abc import Sequence
from dataclasses import dataclass

KEY, OTHER_KEY = b"k" * 32, b"other"


@dataclass(frozen=True)
class Resource:
    """Reached under every name."""

    id: str = "ours"
    name: str = "default"
    access_keys: tuple[bytes, bytes] = (KEY, OTHER_KEY)


class OneResource:
    """Knows one resource."""

    def __init__(self, resource: Resource | None = None) -> None:
        self._resource = resource or Resource()

    def serving(self, host: str) -> Sequence[Resource]:
        return (self._resource,)
