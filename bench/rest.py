"""What a request costs: ours, the honest rival's, and the floor of the HTTP server under both.

All speak plain HTTP with the same client on the same eight connections, which are always busy. A
cost is processor time of the program's whole tree of processes, divided by the requests that were
answered. All programs run all the time and take turns; a ratio is one of neighbours in time, and
what is told is the median of these.
"""

import json
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from bench import exchanges, programs
from bench.load import Exchange, Run, ask, drive
from bench.programs import Program
from tools.metrics import Bar, Metric
from tools.terminal import say

ROUNDS = 5
SECONDS = 1.5
WARM_UP_SECONDS = 0.5
ROOMS = 50
SIGNATURES = 2000
TABLE = "rooms"
MICRO = 1e6


@dataclass(frozen=True, slots=True)
class Sample:
    """What a request cost, in microseconds of the processor, and how the load went."""

    cost: float
    run: Run


# For each thing that is measured, one sample a round.
Samples = Mapping[str, Sequence[Sample]]


def cost(program: Program, exchange: Exchange, seconds: float = SECONDS) -> Sample:
    """Keep a program busy for a while."""
    before = program.processor_seconds()
    run = drive([program.port], exchange, seconds=seconds)
    spent = program.processor_seconds() - before
    return Sample(spent / len(run.latencies) * MICRO, run)


def signature() -> float:
    """What one ES256 signature costs, in microseconds of the processor."""
    key = ec.generate_private_key(ec.SECP256R1())
    algorithm = ec.ECDSA(SHA256())
    start = time.process_time()
    for number in range(SIGNATURES):
        key.sign(b"%d" % number, algorithm)
    return (time.process_time() - start) / SIGNATURES * MICRO


def rooms_of(program: Program, count: int = ROOMS) -> list[str]:
    """The ids of some new rooms."""
    new = exchanges.creates(program).requests
    return [json.loads(ask(program.port, next(new)))["id"] for _ in range(count)]


def user_of(program: Program) -> str:
    """The raw id of a new user."""
    body = ask(program.port, next(exchanges.identities(program).requests))
    return str(json.loads(body)["identity"]["id"])


def turns(stack: ExitStack, folder: Path) -> dict[str, Callable[[float], Sample]]:
    """What is measured in each round, by name, in turn."""
    floor = stack.enter_context(programs.floor(folder / "floor"))
    rival = stack.enter_context(programs.rival(folder / "rival"))
    ours = stack.enter_context(programs.ours(folder / "ours"))
    azurite = stack.enter_context(programs.azurite(folder / "azurite"))
    ask(azurite.port, exchanges.make_table(azurite, programs.AZURITE_ACCOUNT, TABLE))
    of_rival, of_ours, user = rooms_of(rival), rooms_of(ours), user_of(ours)
    inserts = exchanges.inserts(azurite, programs.AZURITE_ACCOUNT, TABLE)

    def on_floor(exchange: Exchange) -> tuple[Program, Exchange]:
        return floor, replace(exchange, status=200)

    plan = {
        "floor create": on_floor(exchanges.creates(ours)),
        "rival create": (rival, exchanges.creates(rival)),
        "our create": (ours, exchanges.creates(ours)),
        "our create of many": (ours, exchanges.creates(ours, exchanges.MANY)),
        "our create of none": (ours, exchanges.creates(ours, 0)),
        "azurite insert": (azurite, inserts),
        "our create again": (ours, exchanges.creates(ours)),
        "floor get": on_floor(exchanges.gets(ours, of_ours)),
        "rival get": (rival, exchanges.gets(rival, of_rival)),
        "our get": (ours, exchanges.gets(ours, of_ours)),
        "floor token": on_floor(exchanges.tokens(ours, user)),
        "our token": (ours, exchanges.tokens(ours, user)),
    }
    return {name: partial(cost, *one) for name, one in plan.items()}


def measure(folder: Path) -> Iterator[Metric]:
    """All figures, from some rounds in which everything has its turn."""
    samples: dict[str, list[Sample]] = defaultdict(list)
    signatures = []
    with ExitStack() as stack, programs.on_core(programs.CLIENT_CORE):
        plan = turns(stack, folder)
        for number in range(ROUNDS + 1):
            say(f"Measuring: what requests cost, round {number} of {ROUNDS}")
            for name, take in plan.items():
                sample = take(SECONDS if number else WARM_UP_SECONDS)
                # Round 0 only warms up.
                if number:
                    samples[name].append(sample)
            signatures.append(signature())
    yield from rows(samples, signatures[1:])


def rows(samples: Samples, signatures: Sequence[float]) -> Iterator[Metric]:
    """The figures that the samples come to."""
    yield from plain_costs(samples, signatures)
    yield ratio("create: rival / ours", samples, ("rival create", "our create"), bar=Bar(">=", 3))
    yield ratio("get: rival / ours", samples, ("rival get", "our get"), bar=Bar(">=", 3.5))
    yield ratio("create: ours / floor", samples, ("our create", "floor create"), bar=Bar("<=", 6))
    yield ratio("get: ours / floor", samples, ("our get", "floor get"), bar=Bar("<=", 3))
    many = ("our create of many", "our create of none")
    yield ratio("create with 350 invitations / with none", samples, many, bar=Bar("<=", 12))
    issued = [
        ours.cost / (floor.cost + one)
        for ours, floor, one in zip(
            samples["our token"], samples["floor token"], signatures, strict=True
        )
    ]
    name = "issue a token: ours / floor and one signature"
    yield Metric(name, statistics.median(issued), "", Bar("<=", 2))
    pairs = zip(samples["our create again"], samples["azurite insert"], strict=True)
    rate = statistics.median(ours.run.rate / azurite.run.rate for ours, azurite in pairs)
    yield Metric("creates a second: ours / Azurite's inserts", rate, "", Bar(">=", 4))
    spread = statistics.median(
        one.run.percentile(0.99) / one.run.percentile(0.5) for one in samples["our create"]
    )
    yield Metric("create: p99 / p50", spread, "", Bar("<=", 4))


def plain_costs(samples: Samples, signatures: Sequence[float]) -> Iterator[Metric]:
    """What each thing cost by itself: for information."""
    for name, taken in samples.items():
        yield Metric(name, statistics.median(one.cost for one in taken), "us")
    yield Metric("one signature", statistics.median(signatures), "us")
    rate = statistics.median(one.run.rate for one in samples["our create"])
    yield Metric("our creates", rate, "a second")


def ratio(name: str, samples: Samples, pair: tuple[str, str], *, bar: Bar) -> Metric:
    """The median of the ratios of neighbours in time."""
    pairs = zip(*(samples[one] for one in pair), strict=True)
    return Metric(name, statistics.median(a.cost / b.cost for a, b in pairs), "", bar)
