"""How often and how much a client may speak: buckets that fill with time."""

from dataclasses import dataclass

from openrooms.kernel.clock import Monotonic, monotonic

# Of how many users something is remembered at least before those are dropped whose buckets are full
# again. It is done anew when there are twice as many as were left: so it costs each user a little, and
# nothing is kept for long of those who were here today.
FEW_KNOWN = 256


class Rate:
    """Allows `at_once` together and `a_second` on average."""

    __slots__ = ("_a_second", "_at_once", "_left", "_now", "_seen")

    def __init__(self, a_second: float, at_once: float, *, now: Monotonic = monotonic) -> None:
        self._a_second = a_second
        self._at_once = float(at_once)
        self._left = self._at_once
        self._now = now
        self._seen = now()

    def take(self, cost: float = 1.0) -> bool:
        """Take so much; False when there was less."""
        now = self._now()
        self._left = min(self._at_once, self._left + (now - self._seen) * self._a_second)
        self._seen = now
        if self._left < cost:
            return False
        self._left -= cost
        return True

    @property
    def is_full(self) -> bool:
        return self._left + (self._now() - self._seen) * self._a_second >= self._at_once


class Rates:
    """The same for each of many users, however many connections he has, or had a moment ago."""

    def __init__(self, a_second: float, at_once: float, *, now: Monotonic = monotonic) -> None:
        self._a_second = a_second
        self._at_once = at_once
        self._now = now
        self._of: dict[str, Rate] = {}
        self._many = FEW_KNOWN

    @property
    def known(self) -> int:
        """Of how many users something is remembered."""
        return len(self._of)

    def take(self, user: str, cost: float = 1.0) -> bool:
        """Take so much of a user's; False when there was less."""
        rate = self._of.get(user)
        if rate is None:
            if len(self._of) >= self._many:
                self._of = {name: one for name, one in self._of.items() if not one.is_full}
                self._many = max(FEW_KNOWN, 2 * len(self._of))
            rate = self._of[user] = Rate(self._a_second, self._at_once, now=self._now)
        return rate.take(cost)


@dataclass(frozen=True, slots=True)
class Share:
    """What one connection may take, of its own and of what its user has for all of his."""

    user: str
    own: Rate
    his: Rates

    def take(self, cost: float = 1.0) -> bool:
        """Take so much of both; False when there was less."""
        return self.own.take(cost) and self.his.take(self.user, cost)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one connection may send: messages, by their weight, and bytes."""

    messages: Share
    octets: Share

    def take(self, size: int) -> bool:
        """A message of so many bytes has come; False when that is too much."""
        return self.octets.take(size) and self.messages.take()
