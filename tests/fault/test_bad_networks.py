"""X10, X11, X12, X14, X16: what calls bear on lines that lose, delay, reorder, narrow, and change."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from calls.meeting import JOIN, WATCH_NETWORK
from support.browser import Town
from support.deadlines import TooLate, wait_for
from support.office import PRESENTER, Office
from support.report import figure
from support.sdkpage import Client
from support.world import World, world_of

JOINED_WITHIN = 10.0
JOINS = 20
RESUMED_WITHIN = 3.0
TOLD_WITHIN = 30.0
QUALITY = {"networkReceiveQuality", "networkSendQuality"}
GOOD = 1
# What has come in of the other: samples of his voice, how many of them were made up, his frames.
CAME = """async () => {
  const told = { samples: 0, concealed: 0, frames: 0, width: 0, bytes: 0 };
  for (const one of new Set(connections.map(([each]) => each))) {
    if (one.connectionState === "closed") continue;
    for (const each of (await one.getStats()).values()) {
      if (each.type !== "inbound-rtp") continue;
      told.bytes += each.bytesReceived;
      if (each.kind === "audio") {
        told.samples += each.totalSamplesReceived ?? 0;
        told.concealed += (each.concealedSamples ?? 0) - (each.silentConcealedSamples ?? 0);
      } else {
        told.frames += each.framesDecoded ?? 0;
        told.width = Math.max(told.width, each.frameWidth ?? 0);
      }
    }
  }
  return told;
}"""
# For so many milliseconds: the longest time, in seconds, without a new frame of anybody.
LONGEST_GAP = """(milliseconds) => new Promise((done) => {
  let last = performance.now(), longest = 0;
  const video = [...document.querySelectorAll("video")].find((one) => one.videoWidth > 0);
  const note = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const see = () => { note(); video.requestVideoFrameCallback(see); };
  video.requestVideoFrameCallback(see);
  setTimeout(() => { note(); done(longest / 1000); }, milliseconds);
})"""
# For so many milliseconds: the longest time, in seconds, in which nothing came in.
LONGEST_SILENCE = """async (milliseconds) => {
  const bytes = async () => {
    let sum = 0;
    for (const one of new Set(connections.map(([each]) => each))) {
      for (const each of (await one.getStats()).values()) {
        if (each.type === "inbound-rtp") sum += each.bytesReceived;
      }
    }
    return sum;
  };
  const begun = performance.now();
  let last = begun, longest = 0, before = await bytes();
  while (performance.now() - begun < milliseconds) {
    await new Promise((done) => setTimeout(done, 25));
    const now = await bytes(), at = performance.now();
    longest = Math.max(longest, at - last);
    if (now !== before) last = at;
    before = now;
  }
  return longest / 1000;
}"""


@dataclass(frozen=True, slots=True)
class Came:
    """What came in of the other between two looks."""

    samples: int
    concealed: int
    frames: int
    width: int
    bytes: int

    def since(self, before: "Came") -> "Came":
        return Came(
            self.samples - before.samples,
            self.concealed - before.concealed,
            self.frames - before.frames,
            self.width,
            self.bytes - before.bytes,
        )


@dataclass(frozen=True, slots=True)
class Distant:
    """Two in a call over the lines of a world."""

    world: World
    near: Client
    far: Client
    room: str

    def line(self, **how: object) -> None:
        """Have the line of the far one be different."""
        self.world.net.change(self.world.machines[1], **how)

    def join(self, who: Client) -> None:
        who.do(JOIN, place={"roomId": self.room})
        who.is_in("Connected", within=JOINED_WITHIN)

    def joins_again(self, times: int) -> int:
        """The far one leaves and joins so many times; how often he was in, in time."""
        good = 0
        for _ in range(times):
            with suppress(TooLate):
                self.far.do("await app.call?.hangUp()")
                self.join(self.far)
                self.far.hears(self.near, within=JOINED_WITHIN)
                good += 1
        return good

    def listen(self, who: Client, seconds: float) -> tuple[Came, int, int]:
        """For so long: what came in, how often the other was listened for, and how often heard."""
        other = self.near if who is self.far else self.far
        before, heard, looks = came(who), 0, 0
        for _ in range(round(seconds / 0.4)):
            looks += 1
            heard += who.loudness(other) > -45
        return came(who).since(before), looks, heard


def is_told_of_quality(who: Client) -> bool:
    """Whether his network was said to be poor or bad, one way or the other, since he watched."""
    raised = (each.split() for each in who.do("return app.raised"))
    return any(name in QUALITY and int(value) > GOOD for name, value in raised)


def came(who: Client) -> Came:
    return Came(**who.person.evaluate(CAME))


@pytest.fixture
def call(people: Town, tmp_path: Path, sdk_page: str) -> Iterator[Distant]:
    with world_of(people, tmp_path / "server") as world:
        near, far = world.clients(sdk_page)
        office = Office(world.server)
        users = office.user(), office.user()
        made = Distant(world, near, far, office.room(dict.fromkeys(users, PRESENTER)))
        office.close()
        for each, user, name in zip((near, far), users, ("Ann", "Ben"), strict=True):
            each.open()
            each.enter(user, name)
            made.join(each)
        for each, other in ((near, far), (far, near)):
            each.watches(other, within=JOINED_WITHIN)
            each.hears(other, within=JOINED_WITHIN)
        yield made


@pytest.mark.lasts(150)
def test_x10_five_of_a_hundred_packets_lost(call: Distant) -> None:
    call.line(loss=0.05, delay=0.02, jitter=0.0025)

    good = call.joins_again(JOINS)
    call.far.watches(call.near, within=JOINED_WITHIN)
    told, _, _ = call.listen(call.far, 15)

    figure("X10, joins that failed", JOINS - good, at_most=0, unit=f"of {JOINS}")
    figure("X10, sound made up", told.concealed / told.samples, at_most=0.03, unit="of it")
    assert told.frames > 15 * 10


@pytest.mark.lasts(200)
def test_x11_twenty_of_a_hundred_packets_lost(call: Distant) -> None:
    call.far.do(WATCH_NETWORK)
    call.line(loss=0.2)

    told, looks, heard = call.listen(call.far, 20)
    _, told_after = wait_for(
        "a diagnostic of quality", lambda: is_told_of_quality(call.far), within=TOLD_WITHIN
    )
    good = call.joins_again(JOINS)

    assert told.frames > 0
    figure("X11, joins that failed", JOINS - good, at_most=1, unit=f"of {JOINS}")
    figure("X11, told of the quality within", 20 + told_after, at_most=20 + TOLD_WITHIN, unit="s")
    figure("X11, times the voice was missing", 1 - heard / looks, at_most=0.05, unit="of all")


@pytest.mark.lasts(60)
def test_x12_packets_out_of_order_and_twice(call: Distant) -> None:
    call.line(reordered=0.02, duplicated=0.01)

    gap = call.far.person.evaluate(LONGEST_GAP, 15_000)
    told, looks, heard = call.listen(call.far, 5)

    assert heard == looks
    assert told.frames > 5 * 10
    figure("X12, longest time without a new frame", gap, at_most=0.5, unit="s")


@pytest.mark.lasts(80)
def test_x14_sound_never_stops_on_a_narrow_line(call: Distant) -> None:
    call.line(kbit_down=256)

    told, looks, heard = call.listen(call.far, 30)

    figure("X14, times the voice was missing", 1 - heard / looks, at_most=0.05, unit="of all")
    assert told.frames > 0


@pytest.mark.lasts(60)
def test_x16_who_changes_his_network_is_the_same_and_seen_once(call: Distant) -> None:
    call.far.do("globalThis.kept = { call: app.call, other: app.other() }")
    before = call.near.look().others

    call.world.net.move(call.world.machines[1], "10.2.2.9")
    silent = call.near.person.evaluate(LONGEST_SILENCE, RESUMED_WITHIN * 3000)
    call.near.watches(call.far, within=JOINED_WITHIN)
    call.far.watches(call.near, within=JOINED_WITHIN)
    call.far.hears(call.near, within=JOINED_WITHIN)

    assert [each.raw_id for each in call.near.look().others] == [each.raw_id for each in before]
    assert call.far.do("return app.call === kept.call && app.other() === kept.other")
    figure("X16, longest time in which nothing came", silent, at_most=RESUMED_WITHIN, unit="s")
