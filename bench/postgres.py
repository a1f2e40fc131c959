"""Two API processes on one PostgreSQL, for what one gives.

Client and database share the machine with them, so each API process is held to a fixed share of
one core by a control group: what is shown is that a second process adds its share, and that the
database does not stand in the way.
"""

import base64
import secrets
import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from support.postgres import Postgres

from bench import exchanges, programs
from bench.cgroups import held_to
from bench.load import drive
from bench.rest import ROUNDS, SECONDS
from tools.metrics import Bar, Metric
from tools.terminal import say

SHARE = 0.25
GAIN = Bar(">=", 1.7)


def measure(folder: Path) -> Iterator[Metric]:
    """What the second process adds."""
    say(f"Measuring: PostgreSQL, each API process held to {SHARE:.0%} of one core")
    with ExitStack() as stack:
        postgres = Postgres(durable=True)
        stack.callback(postgres.close)
        postgres.start()
        url = stack.enter_context(postgres.empty())
        # One key for the secrets of one database.
        key = {"OPENROOMS_MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode()}
        started = [
            stack.enter_context(
                programs.ours(folder / name, "--database", url, "--api-only", variables=key)
            )
            for name in ("first", "second")
        ]
        for number, one in enumerate(started):
            stack.enter_context(held_to(SHARE, one.pid, f"openrooms-bench-{number}"))
        ports = [one.port for one in started]
        alone, together = [], []
        for number in range(ROUNDS + 1):
            say(f"Measuring: PostgreSQL, round {number} of {ROUNDS}")
            creates = exchanges.creates(started[0])
            rates = [drive(some, creates, seconds=SECONDS).rate for some in (ports[:1], ports)]
            # Round 0 only warms up.
            if number:
                alone.append(rates[0])
                together.append(rates[1])
    yield Metric("creates on PostgreSQL, 1 process", statistics.median(alone), "a second")
    yield Metric("creates on PostgreSQL, 2 processes", statistics.median(together), "a second")
    gain = statistics.median(two / one for one, two in zip(alone, together, strict=True))
    yield Metric(
        f"creates on PostgreSQL: 2 processes / 1, each with {SHARE:.0%} of a core", gain, "", GAIN
    )
