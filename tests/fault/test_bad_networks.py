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
WIDE = 640
LARGE_WITHIN, AGAIN_WITHIN = 60.0, 30.0
RECEIVING = "return app.other().videoStreams[0].isReceiving"
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
# The picture of the other as large as the page.
ENLARGE = """
  document.head.appendChild(document.createElement("style")).textContent =
    "section, section * { display: block; width: 1280px !important; height: 720px !important }";
"""
# Sends a picture that no codec makes very small, instead of the camera's.
SHOW_NOISE = """
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
  const ink = canvas.getContext("2d");
  const noise = ink.createImageData(32, 18);
  setInterval(async () => {
    crypto.getRandomValues(noise.data);
    for (let at = 3; at < noise.data.length; at += 4) noise.data[at] = 255;
    ink.drawImage(await createImageBitmap(noise), 0, 0, 640, 360);
  }, 66);
  await app.call.stopVideo(app.call.localVideoStreams[0]);
  await app.call.startVideo(new app.LocalVideoStream(canvas.captureStream(15)));
"""
# Keeps what an app is told of the other's picture from now on.
WATCH_PICTURE = """
  const [stream] = app.other().videoStreams;
  app.pictures = [];
  stream.on("isReceivingChanged", () => app.pictures.push(`receiving ${stream.isReceiving}`));
  stream.on("sizeChanged", () => app.pictures.push(`width ${stream.size.width}`));
  return stream.size.width;
"""
# For so many milliseconds: the longest time, in seconds, without a new frame of a picture that an app
# takes for one that comes.
LONGEST_FREEZE = """
  const [stream] = app.other().videoStreams;
  const video = [...document.querySelectorAll("video")].find((one) => one.videoWidth > 0);
  const begun = performance.now();
  let last = begun, longest = 0;
  const see = () => { last = performance.now(); video.requestVideoFrameCallback(see); };
  video.requestVideoFrameCallback(see);
  while (performance.now() - begun < it.milliseconds) {
    await new Promise((done) => setTimeout(done, 50));
    if (!stream.isReceiving) last = performance.now();
    longest = Math.max(longest, performance.now() - last);
  }
  return longest / 1000;
"""


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


def width(who: Client) -> int:
    """How wide the other's picture is for an app."""
    told: int = who.do("return app.other().videoStreams[0].size.width")
    return told


def gave_way(pictures: list[str]) -> bool:
    """Whether an app was told that a picture is smaller, or that it comes no more."""
    return "receiving false" in pictures or any(
        name == "width" and int(value) < WIDE for name, value in (each.split() for each in pictures)
    )


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


@pytest.mark.lasts(120)
def test_x14_on_a_narrow_line_sound_never_stops_and_the_picture_gives_way(call: Distant) -> None:
    call.far.do(ENLARGE)
    call.near.do(SHOW_NOISE)
    wait_for("a large picture", lambda: width(call.far) >= WIDE, within=LARGE_WITHIN)
    call.far.do(WATCH_PICTURE)

    call.line(kbit_down=256)
    told, looks, heard = call.listen(call.far, 20)
    frozen = call.far.do(LONGEST_FREEZE, milliseconds=10_000)
    smaller = call.far.do("return app.pictures")
    call.line(kbit_down=96)
    _, more_looks, more_heard = call.listen(call.far, 20)
    paused = call.far.do("return app.pictures")
    call.line(kbit_down=0)
    _, took = wait_for("a picture again", lambda: call.far.do(RECEIVING), within=AGAIN_WITHIN)

    missing = 1 - (heard + more_heard) / (looks + more_looks)
    figure("X14, times the voice was missing", missing, at_most=0.05, unit="of all")
    figure("X14, sound made up", told.concealed / told.samples, at_most=0.1, unit="of it")
    figure("X14, longest freeze of a picture that is said to come", frozen, at_most=5, unit="s")
    figure("X14, a picture again within", took, at_most=AGAIN_WITHIN, unit="s")
    assert gave_way(smaller)
    assert "receiving false" in paused


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
