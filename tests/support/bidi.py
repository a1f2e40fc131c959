"""WebDriver BiDi, the W3C's protocol for driving browsers: the few commands that a page in a test needs."""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

from websockets.sync.client import connect

ANSWERED_WITHIN = 60.0
# The argument comes as JSON, and so goes the answer: then neither needs the protocol's own types.
CALL = """async (argument) => {{
  const found = ({expression});
  const given = JSON.parse(argument);
  const value = await (typeof found === "function" ? found(given) : found);
  return JSON.stringify(value ?? null);
}}"""
LOG = "log.entryAdded"


class Refused(AssertionError):
    """The browser could not do what it was told, or a script of a test threw."""


class Bidi:
    """A session with one tab. `say` is told what pages write to their console."""

    def __init__(self, address: str, say: Callable[[str], None]) -> None:
        self._open = ExitStack()
        # Nobody reads between two commands: then neither pings nor a full queue may end it.
        self._socket = self._open.enter_context(
            connect(
                address,
                compression=None,
                proxy=None,
                ping_interval=None,
                max_size=None,
                max_queue=None,
            )
        )
        self._say = say
        self._last = 0
        self.ask("session.new", {"capabilities": {}})
        self.ask("session.subscribe", {"events": [LOG]})
        self._tab = self.ask("browsingContext.getTree", {})["contexts"][0]["context"]

    def ask(self, method: str, parameters: Mapping[str, object]) -> Any:  # noqa: ANN401 (untyped JSON enters)
        """One command, and its result; what happens meanwhile is heard."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters}
        self._socket.send(json.dumps(message))
        deadline = time.monotonic() + ANSWERED_WITHIN
        while True:
            got = json.loads(self._socket.recv(timeout=deadline - time.monotonic()))
            if got.get("id") == self._last:
                break
            self._hear(got)
        if got["type"] == "error":
            raise Refused(f"{method}: {got['error']}: {got['message']}")
        return got["result"]

    def prepare(self, script: str) -> None:
        """Run a script in every page before its own."""
        self.ask("script.addPreloadScript", {"functionDeclaration": f"() => {{ {script} }}"})

    def visit(self, address: str) -> None:
        """Open a page, and wait until it is there."""
        asked = {"context": self._tab, "url": address, "wait": "complete"}
        self.ask("browsingContext.navigate", asked)

    def reload(self) -> None:
        self.ask("browsingContext.reload", {"context": self._tab, "wait": "complete"})

    def evaluate(self, expression: str, argument: object = None) -> Any:  # noqa: ANN401 (what the script gives)
        """The value of an expression; a function is called with the argument. Promises are waited for."""
        asked = {
            "functionDeclaration": CALL.format(expression=expression),
            "arguments": [{"type": "string", "value": json.dumps(argument)}],
            "target": {"context": self._tab},
            "awaitPromise": True,
        }
        outcome = self.ask("script.callFunction", asked)
        if outcome["type"] == "exception":
            raise Refused(f"{expression}: {outcome['exceptionDetails']['text']}")
        return json.loads(outcome["result"]["value"])

    def picture(self) -> str:
        """The screen as a PNG, in base64."""
        taken = self.ask("browsingContext.captureScreenshot", {"context": self._tab})
        return str(taken["data"])

    def close(self) -> None:
        """End the browser."""
        try:
            self.ask("browser.close", {})
        finally:
            self._open.close()

    def _hear(self, event: Mapping[str, Any]) -> None:
        if event.get("method") == LOG:
            entry = event["params"]
            self._say(f"{entry['level']}: {entry['text']}")
