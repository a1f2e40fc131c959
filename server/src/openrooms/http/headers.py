"""The headers of one request, by name in lower case. Nothing is decoded before it is asked for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar, overload

T = TypeVar("T")


class Headers(Mapping[str, str]):
    """A header that was sent more than once has its values joined by a comma."""

    __slots__ = ("_values", "repeated")

    def __init__(self, sent: Sequence[tuple[bytes, bytes]]) -> None:
        self._values = dict(sent)
        # Names that were sent more than once.
        self.repeated: frozenset[str] = frozenset()
        if len(self._values) != len(sent):
            self._join(sent)

    @overload
    def get(self, name: str, /) -> str | None: ...

    @overload
    def get(self, name: str, /, default: T) -> str | T: ...

    def get(self, name: str, /, default: T | None = None) -> str | T | None:
        # The one of `Mapping` raises and catches an error for each name that is not there.
        value = self._values.get(name.encode("latin-1"))
        return default if value is None else value.decode("latin-1")

    def __getitem__(self, name: str) -> str:
        return self._values[name.encode("latin-1")].decode("latin-1")

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name in self._values)

    def __len__(self) -> int:
        return len(self._values)

    def _join(self, sent: Sequence[tuple[bytes, bytes]]) -> None:
        names = [name for name, _ in sent]
        self.repeated = frozenset(
            name.decode("latin-1") for name in self._values if names.count(name) > 1
        )
        for repeated in self.repeated:
            wanted = repeated.encode("latin-1")
            values = [value for name, value in sent if name == wanted]
            self._values[wanted] = b", ".join(values)
