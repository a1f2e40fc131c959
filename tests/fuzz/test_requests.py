"""Generated requests against a running server: no 5xx, no hang, no change by what is refused."""

from fuzz.conftest import OURS, Plan
from hypothesis import strategies as st
from support.fuzz import octets
from support.fuzz.exploring import explore
from support.fuzz.schemas import Described, described
from support.fuzz.shapes import REQUESTS
from support.fuzz.watching import Watch
from support.inputs.rows import Request, get

SHARE_OF_SHAPES, SHARE_OF_OCTETS, SHARE_OF_SCHEMAS = 0.25, 0.25, 0.25
# A description may leave out what every request can get: framing, size, a busy server.
ALWAYS = frozenset({400, 401, 404, 405, 408, 413, 414, 415, 429, 431})
# Published descriptions tell of versions, too, that are over.
SERVED = frozenset(one.version for one in described(OURS))


def test_requests_of_every_class(watch: Watch, plan: Plan) -> None:
    seconds = plan.seconds_a_store * SHARE_OF_SHAPES

    name = f"requests, {watch.house.store}"
    rounds = explore(name, REQUESTS, watch.hold, seconds=seconds, seed=plan.seed)

    assert rounds > 0
    assert watch.house.well(get("/rooms/<room>")).status == 200


def test_requests_whose_bytes_are_changed(watch: Watch, plan: Plan) -> None:
    seconds = plan.seconds_a_store * SHARE_OF_OCTETS

    rounds = explore(
        f"octets, {watch.house.store}",
        octets.MUTATED,
        lambda one: octets.hold(watch, one),
        seconds=seconds,
        seed=plan.seed,
    )

    assert rounds > 0
    assert watch.house.well(get("/rooms/<room>")).status == 200


def test_requests_as_descriptions_say(watch: Watch, plan: Plan) -> None:
    operations = [one for folder in plan.specs for one in described(folder)]
    for folder in plan.specs:
        assert any(described(folder)), f"no description in {folder}"
    inputs = st.sampled_from(operations).flatmap(
        lambda one: st.tuples(st.just(one), one.requests())
    )

    def hold(pair: tuple[Described, Request]) -> None:
        one, request = pair
        heard = watch.hold(request)
        if one.version.lower() not in SERVED:
            assert 400 <= heard.status < 500, f"{one.name}: {heard}"
            return
        assert one.tells(heard.status) or heard.status in ALWAYS, f"{one.name}: {heard}"
        shape = one.answers(heard.status)
        if shape is not None and heard.answer.body:
            shape.validate(heard.json)

    seconds = plan.seconds_a_store * SHARE_OF_SCHEMAS
    name = f"descriptions, {watch.house.store}"
    rounds = explore(name, inputs, hold, seconds=seconds, seed=plan.seed)

    assert rounds > 0
