"""X01: the server is killed in the middle of writes, again and again. No promise is lost."""

import random
import threading
from collections.abc import Callable
from itertools import chain, count
from statistics import median

import pytest
from fault.conftest import Dose
from support.faults.ledger import Writer, listed, write_until
from support.faults.verdict import Verdict
from support.report import figure, figure_of_few, lines
from support.server import Server

WRITERS = 4
SHORTEST, LONGEST = 0.08, 0.20
# From so many kills on, restarts are held to their bar; before, to the machine's own speed.
WHOLE_DOSE = 50
BACK_WITHIN = 2.0
TIMES_AN_ORDERLY_START = 2.0
AGAIN = 3


@pytest.mark.line("I08")
def test_what_was_promised_before_a_kill_is_there_after_it(spare: Server, dose: Dose) -> None:
    chance = random.Random(dose.seed)
    verdict, starts, living = Verdict(), list[float](), set[str]()
    spare.start()
    for _ in range(dose.kills):
        writers = [Writer(spare, chance.randrange(2**32)) for _ in range(WRITERS)]
        write_until(writers, lambda: _kill(spare, after=chance.uniform(SHORTEST, LONGEST)))
        spare.start()
        starts.append(spare.took_to_start)
        for writer in writers:
            writer.settle(verdict)
            living |= set(writer.forget())
            writer.close()
    there = list(listed(spare))

    name = "postgresql" if "--database" in spare.command() else "sqlite"
    lines.append(f"X01 {name}, seed {dose.seed}: {dose.kills} kills, {verdict.promised} promises,")
    lines.append(f"    {verdict.repeated} requests without an answer were asked for again")
    for lost in (*verdict.lost, *verdict.half_made, *verdict.twice):
        lines.append(f"    broken: {lost}")
    figure(f"X01 {name}, promises lost", len(verdict.lost), at_most=0, unit="")
    figure(f"X01 {name}, rooms half made", len(verdict.half_made), at_most=0, unit="")
    figure(
        f"X01 {name}, rooms made twice",
        len(verdict.twice) + len(there) - len(set(there)) + len(set(there) ^ living),
        at_most=0,
        unit="",
    )
    usual = f"X01 {name}, restart to serving"
    lines.append(f"{usual}, median and longest: {median(starts):.2f} s, {max(starts):.2f} s")
    if dose.kills < WHOLE_DOSE:
        # A few of them tell the machine's speed, which the same machine takes out of the ratio.
        orderly = median([_restart(spare, spare.stop) for _ in range(AGAIN)])
        ratio = median(starts) / orderly
        figure(f"{usual} / after an orderly stop", ratio, at_most=TIMES_AN_ORDERLY_START, unit="")
    else:
        measured = chain([starts], ([_restart(spare, spare.kill) for _ in starts] for _ in count()))
        longest = f"{usual}, longest of {len(starts)}"
        figure_of_few(longest, lambda: next(measured), at_most=BACK_WITHIN, unit="s")
    assert verdict.promised > dose.kills


def _kill(server: Server, *, after: float) -> None:
    # The wait is the point: what is under way when it ends must be any moment of a write.
    threading.Event().wait(after)
    server.kill()


def _restart(server: Server, end: Callable[[], object]) -> float:
    end()
    server.start()
    return server.took_to_start
