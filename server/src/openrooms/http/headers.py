"""The headers of one request, by name in lower case."""

from collections.abc import Sequence

_NONE: frozenset[str] = frozenset()


class Headers(dict[str, str]):
    """A header that was sent more than once has its values joined by a comma."""

    __slots__ = ("repeated",)

    def __init__(self, sent: Sequence[tuple[bytes, bytes]]) -> None:
        super().__init__()
        for name, value in sent:
            self[name.lower().decode("latin-1")] = value.decode("latin-1")
        # Names that were sent more than once.
        self.repeated = _NONE
        if len(self) != len(sent):
            self._join(sent)

    def _join(self, sent: Sequence[tuple[bytes, bytes]]) -> None:
        pairs = [(name.lower().decode("latin-1"), value.decode("latin-1")) for name, value in sent]
        names = [name for name, _ in pairs]
        self.repeated = frozenset(name for name in self if names.count(name) > 1)
        for repeated in self.repeated:
            self[repeated] = ", ".join(value for name, value in pairs if name == repeated)
