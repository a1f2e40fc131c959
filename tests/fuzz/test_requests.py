"""Generated requests against a running server: no 5xx, no hang, no change by what is refused."""

from fuzz.conftest import OURS, Plan
from hypothesis import strategies as st
from support.fuzz import octets
from support.fuzz.exploring import explore
from support.fuzz.schemas import Described, described
from support.fuzz.shapes import REQUESTS
from support.fuzz.watching import Watch
from support.inputs.rows import Request, get

SHARE_OF_SHAPES, SHARE_OF_OCTETS, SHARE_OF_SCHEMAS = 0.3, 0.3, 0.3
# A description may leave out what every request can get: framing, size, a busy server.
ALWAYS = frozenset({400, 401, 404, 405, 408, 413, 414, 415, 429, 431})


def test_requests_of_every_class(watch: Watch, plan: Plan) -> None:
    seconds = plan.seconds * SHARE_OF_SHAPES

    rounds = explore("requests", REQUESTS, watch.hold, seconds=seconds, seed=plan.seed)

    assert rounds > 0
    assert watch.house.well(get("/rooms/<room>")).status == 200


def test_requests_whose_bytes_are_changed(watch: Watch, plan: Plan) -> None:
    seconds = plan.seconds * SHARE_OF_OCTETS

    rounds = explore(
        "octets",
        octets.MUTATED,
        lambda one: octets.hold(watch, one),
        seconds=seconds,
        seed=plan.seed,
    )

    assert rounds > 0
    assert watch.house.well(get("/rooms/<room>")).status == 200


def test_requests_as_descriptions_say(watch: Watch, plan: Plan) -> None:
    operations = list(described(plan.specs))
    assert operations, f"no description in {plan.specs}"
    inputs = st.sampled_from(operations).flatmap(
        lambda one: st.tuples(st.just(one), one.requests())
    )

    def hold(pair: tuple[Described, Request]) -> None:
        one, request = pair
        heard = watch.hold(request)
        if plan.specs != OURS:
            return
        assert one.tells(heard.status) or heard.status in ALWAYS, f"{one.name}: {heard}"
        shape = one.answers(heard.status)
        if shape is not None and heard.answer.body:
            shape.validate(heard.json)

    seconds = plan.seconds * SHARE_OF_SCHEMAS
    rounds = explore("descriptions", inputs, hold, seconds=seconds, seed=plan.seed)

    assert rounds > 0
