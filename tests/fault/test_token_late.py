"""X26: the app gives no newer token: its refresher fails, or hangs."""

import time

import pytest
from support.deadlines import stays
from support.faults.guests import Guest, Reporter, guests
from support.office import Office, User
from support.report import figure
from support.server import Server

LIFE = 24 * 3600.0
GRACE = 60.0


@pytest.mark.lasts(65)
def test_x26_a_call_goes_on_for_a_minute_after_its_token_and_then_says_why(server: Server) -> None:
    office = Office(server)
    with guests(server, office, ("Presenter", "Attendee")) as (room, (late, fresh)):
        for each in (late, fresh):
            each.join(room)
            each.open_media()
        # Hands that have no media would be taken for gone after 20 s.
        reporter = Reporter(server)
        server.move_clock(LIFE - 300)
        for each in (late, fresh):
            reporter.up(each, f"stay of {each.user.guid}")
            each.agent.event("tokenExpiring", within=10)
        newer = office.token(fresh.user)
        fresh.agent.ask("refreshToken", token=newer)
        fresh.user = User(fresh.user.raw_id, newer)

        server.move_clock(LIFE + 1)
        begun = time.monotonic()
        stays("both are in the call", lambda: _goes_on(late, fresh), for_seconds=GRACE - 8)
        ended = late.agent.event("ended", within=15)
        took = time.monotonic() - begun
        signed_out = late.agent.event("signedOut", within=5)
        code = late.agent.closed_with(within=5)
        assert _goes_on(fresh)
    server.move_clock(0)
    office.close()

    assert (ended["code"], ended["subCode"]) == (495, 4507)
    assert (signed_out["code"], signed_out["subCode"]) == (495, 4507)
    assert code == 4401
    assert took >= GRACE - 1
    figure("X26, the call ends after its token", took, at_most=GRACE + 6, unit="s")


def _goes_on(*people: Guest) -> bool:
    for each in people:
        each.listen()
        each.agent.ask("ping")
    return all("ended" not in [event["event"] for event in each.agent.events] for each in people)
