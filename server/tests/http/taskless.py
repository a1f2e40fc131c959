"""An app that is begun as the server begins it: without a task, until it waits for something."""

import asyncio
from typing import TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send

from openrooms.kernel.coroutines import start

Ended: TypeAlias = "asyncio.Future[None]"


def taskless(app: ASGIApp) -> ASGIApp:
    """What needs a task and does not see to it fails here as it would there."""

    async def begun(scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        ended: Ended = loop.create_future()

        def begin() -> None:
            try:
                going = start(_run(app, scope, receive, send=send), loop.create_task)
            except Exception as error:  # noqa: BLE001 - whoever awaits it is told
                ended.set_exception(error)
                return
            if going is None:
                ended.set_result(None)
            else:
                going.add_done_callback(lambda task: _hand_over(task, ended))

        # Here is a task: that of the test.
        loop.call_soon(begin)
        await ended

    return begun


async def _run(app: ASGIApp, scope: Scope, receive: Receive, *, send: Send) -> None:
    await app(scope, receive, send)


def _hand_over(task: "asyncio.Task[None]", ended: Ended) -> None:
    if ended.done():
        return
    error = task.exception()
    if error is None:
        ended.set_result(None)
    else:
        ended.set_exception(error)
