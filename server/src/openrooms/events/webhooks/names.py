"""Looks up where names lead to, each on a thread of its own: one that is slow keeps no other waiting.

The system's resolver cannot be told to stop, and may take half a minute. So a name that nobody waits for
any more keeps its thread until then, and only that one: whoever asks for it meanwhile waits for the same
answer.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeAlias

# The addresses of a name. Raises `OSError` or `UnicodeError`.
Ask: TypeAlias = Callable[[str], Sequence[str]]


def ask_system(host: str) -> Sequence[str]:
    """The addresses of a name, by the system's resolver."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class Names:
    """The names of one loop. A look-up outlives neither the process nor its own answer."""

    def __init__(self, ask: Ask = ask_system) -> None:
        self._ask = ask
        self._asked: dict[str, asyncio.Future[Sequence[str]]] = {}

    async def look_up(self, host: str, _port: int) -> Sequence[str]:
        """The addresses of a name. Raises `OSError` or `UnicodeError`; whoever waits sets the deadline."""
        asked = self._asked.get(host)
        if asked is None:
            asked = self._asked[host] = asyncio.get_running_loop().create_future()
            asked.add_done_callback(lambda _: self._asked.pop(host))
            # No pool: its threads would be waited for at the end.
            threading.Thread(target=self._answer, args=(host, asked), daemon=True).start()
        return await asyncio.shield(asked)

    def _answer(self, host: str, asked: asyncio.Future[Sequence[str]]) -> None:
        found: Sequence[str] = ()
        failure: Exception | None = None
        try:
            found = self._ask(host)
        except Exception as error:  # noqa: BLE001 - the top of a thread; whoever waits hears it
            failure = error

        def settle() -> None:
            if failure is None:
                asked.set_result(found)
            else:
                asked.set_exception(failure)

        # Where the loop has ended, nobody waits.
        with suppress(RuntimeError):
            asked.get_loop().call_soon_threadsafe(settle)
