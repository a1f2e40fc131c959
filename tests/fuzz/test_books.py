"""What is held against refused requests sees every kind of change: a watch that sees none shows nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from support.fuzz.watching import Watch
from support.inputs.rows import Request, delete, patch, post

ROSTER = "/rooms/<room>/participants"
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat()
EXCHANGED = {"<other>": {"role": "Presenter"}, "<user>": {"role": "Consumer"}}
# The table that each changes, and the request that does.
CHANGES = {
    "flag": ("room", patch("/rooms/<room>", {"pstnDialOutEnabled": True})),
    "beginning": ("room", patch("/rooms/<room>", {"validFrom": TOMORROW})),
    "deletion": ("room", delete("/rooms/<room>")),
    "role": ("invitation", patch(ROSTER, {"participants": {"<other>": {"role": "Consumer"}}})),
    "roles exchanged": ("invitation", patch(ROSTER, {"participants": EXCHANGED})),
    "invitation": ("invitation", patch(ROSTER, {"participants": {"<stranger>": {}}})),
    "generation": ("identity", post("/identities/<other_path>/:revokeAccessTokens")),
}


@pytest.mark.parametrize(("table", "change"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_seen(table: str, change: Request, watch: Watch) -> None:
    room = {"participants": {"<user>": {"role": "Presenter"}, "<other>": {"role": "Attendee"}}}
    usual = watch.house.names["room"]
    watch.house.names["room"] = watch.house.well(post("/rooms", room)).json["id"]
    try:
        before = watch.fingerprint()
        assert watch.fingerprint() == before
        assert watch.house.well(change).status < 300
    finally:
        watch.house.names["room"] = usual

    after = watch.fingerprint()
    assert table in {now[0] for now, was in zip(after, before, strict=True) if now != was}
