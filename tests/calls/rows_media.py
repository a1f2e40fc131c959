"""Rows about pictures, voices and screens."""

from collections.abc import Callable, Mapping

from calls.columns import Kind
from calls.meeting import SEEN_WITHIN, Meeting, row
from support.deadlines import wait_for
from support.report import figure
from support.sdkpage import Client, Other

FRAMES = 3.0


LOOKS: Mapping[str, Callable[[Other], bool]] = {
    "muted": lambda other: other.muted,
    "heard": lambda other: not other.muted,
    "shown": lambda other: other.shows("Video"),
    "dark": lambda other: not other.shows("Video"),
    "sharing": lambda other: other.shows("ScreenSharing"),
    "private": lambda other: not other.shows("ScreenSharing"),
}


def _seen(watcher: Client, whom: Client, look: str) -> float:
    """He is seen in that way: `muted`, `heard`, `shown`, `dark`, `sharing`, `private`."""

    def is_so() -> bool:
        other = watcher.other(whom)
        return other is not None and LOOKS[look](other)

    what = f"{watcher.name} has {whom.name} {look}"
    _, took = wait_for(what, is_so, within=SEEN_WITHIN + 3, every=0.02)
    return took


def _in_state(watcher: Client, whom: Client, state: str) -> float:
    """He is seen in that state."""

    def is_so() -> bool:
        other = watcher.other(whom)
        return other is not None and other.state == state

    what = f"{watcher.name} has {whom.name} in {state}"
    _, took = wait_for(what, is_so, within=SEEN_WITHIN + 3, every=0.02)
    return took


@row("C-06")
def own_video_goes_off_and_on(meeting: Meeting) -> None:
    for mine, watcher in ((meeting.ann, meeting.ben), (meeting.ben, meeting.ann)):
        assert mine.refusal("await app.call.startVideo(await app.newCamera())") == "400/41027"

        mine.do("await app.call.stopVideo(app.call.localVideoStreams[0])")
        assert (mine.look().video, mine.look().streams) == (False, 0)
        off = _seen(watcher, mine, "dark")
        assert mine.refusal("await app.call.stopVideo(app.camera)") == "400/41030"

        mine.do("await app.call.startVideo(await app.newCamera())")
        assert (mine.look().video, mine.look().streams) == (True, 1)
        on = _seen(watcher, mine, "shown")
        watcher.sees(mine, within=FRAMES + 2)
        figure("video seen off, on", max(off, on), at_most=SEEN_WITHIN, unit="s")


SENT_HEIGHT = """
  const collector = app.call.feature(app.Features.MediaStats).createCollector();
  const { video } = await new Promise((done) => collector.on("sampleReported", done));
  collector.dispose();
  return Math.max(0, ...video.send.map((one) => one.frameHeightSent ?? 0));
"""
LIMIT = "await app.call.setConstraints({ video: { send: { frameHeight: { max: it.height } } } })"
SWITCH = "await app.camera.switchSource((await app.devices.getCameras())[it.number])"
LOW = 60


@row("C-06", kinds=(Kind.ROOM,))
def own_video_is_as_small_as_the_app_says(meeting: Meeting) -> None:
    mine, watcher = meeting.ben, meeting.ann
    assert mine.do(SENT_HEIGHT) > LOW

    mine.do(LIMIT, height=LOW)
    wait_for("a small picture", lambda: 0 < mine.do(SENT_HEIGHT) <= LOW, within=5)
    watcher.sees(mine, within=FRAMES)
    for number in (2, 0):
        mine.do(SWITCH, number=number)
        watcher.sees(mine, within=FRAMES)
        assert 0 < mine.do(SENT_HEIGHT) <= LOW

    mine.do(LIMIT, height=0)
    wait_for("the whole picture", lambda: mine.do(SENT_HEIGHT) > LOW, within=5)


@row("C-07", "C-15")
def a_muted_voice_is_shown_and_not_heard(meeting: Meeting) -> None:
    for mine, watcher in ((meeting.ann, meeting.ben), (meeting.ben, meeting.ann)):
        mine.do("await app.call.mute(); await app.call.mute()")
        assert mine.look().muted
        took = _seen(watcher, mine, "muted")
        watcher.hears_nothing_of(mine, within=SEEN_WITHIN)

        mine.do("await app.call.unmute()")
        assert not mine.look().muted
        took = max(took, _seen(watcher, mine, "heard"))
        watcher.hears(mine, within=SEEN_WITHIN + 1)
        figure("mute seen", took, at_most=SEEN_WITHIN, unit="s")


@row("C-08", "C-29", "C-30", "C-31")
def the_camera_is_changed_under_way_and_others_notice_nothing(meeting: Meeting) -> None:
    mine, watcher = meeting.ben, meeting.ann
    cameras = mine.do("return app.devices.getCameras()")
    # The second of the browser's own cameras gives depths, which nobody can encode.
    assert len(cameras) == 3
    assert {camera["deviceType"] for camera in cameras} <= {"UsbCamera", "Unknown", "Virtual"}
    before = watcher.other(mine)
    seen = len(watcher.heard())
    switch = """
      const changed = new Promise((done) => app.camera.on("videoSourceChanged", done));
      await app.camera.switchSource((await app.devices.getCameras())[it.number]);
      await changed;
      return app.camera.source.id;
    """

    assert mine.do(switch, number=2) == cameras[2]["id"]
    wait_for("the other camera is sent", lambda: _sends(mine, cameras[2]), within=SEEN_WITHIN)
    watcher.sees(mine, within=FRAMES)
    assert mine.refusal(switch, number=2) == "400/43005"
    assert mine.do(switch, number=0) == cameras[0]["id"]

    after = watcher.other(mine)
    assert before is not None
    assert after is not None
    assert [each["id"] for each in after.streams] == [each["id"] for each in before.streams]
    assert [each for each in watcher.heard()[seen:] if not each.startswith("speaking")] == []


def _sends(client: Client, camera: Mapping[str, str]) -> bool:
    return camera["name"] in client.do("return harness.sent()")


@row("C-09")
def who_holds_neither_sends_nor_receives_until_he_goes_on(meeting: Meeting) -> None:
    between_two = meeting.kind is Kind.DIRECT
    for mine, watcher in ((meeting.ann, meeting.ben), (meeting.ben, meeting.ann)):
        mine.do("await app.call.hold(); await app.call.hold()")
        assert mine.look().state == "LocalHold"
        took = _in_state(watcher, mine, "Hold")
        _seen(watcher, mine, "dark")
        watcher.hears_nothing_of(mine, within=SEEN_WITHIN)
        mine.hears_nothing_of(watcher, within=SEEN_WITHIN)
        assert watcher.look().state == ("RemoteHold" if between_two else "Connected")
        assert (mine.look().muted, mine.look().video) == (False, True)

        mine.do("await app.call.resume(); await app.call.resume()")
        assert mine.look().state == "Connected"
        took = max(took, _in_state(watcher, mine, "Connected"))
        figure("hold and its end seen", took, at_most=SEEN_WITHIN, unit="s")
        watcher.is_in("Connected", within=SEEN_WITHIN)
        for one, other in ((mine, watcher), (watcher, mine)):
            one.sees(other, within=FRAMES + 2)
            one.hears(other, within=FRAMES + 2)


@row("C-09", kinds=(Kind.DIRECT,))
def of_two_who_hold_both_have_to_go_on(meeting: Meeting) -> None:
    ann, ben = meeting.both
    for each in meeting.both:
        each.do("await app.call.hold()")
    for each in meeting.both:
        assert each.look().state == "LocalHold"

    ann.do("await app.call.resume()")
    ann.is_in("RemoteHold", within=SEEN_WITHIN)
    ben.do("await app.call.resume()")

    for each in meeting.both:
        each.is_in("Connected", within=SEEN_WITHIN)
    meeting.meet()


@row("C-10")
def who_speaks_is_shown_as_speaking(meeting: Meeting) -> None:
    mine, watcher = meeting.ann, meeting.ben

    def speaks() -> bool:
        other = watcher.other(mine)
        return other is not None and other.speaking

    mine.do("await app.call.mute()")
    wait_for("she is silent", lambda: not speaks(), within=4)

    mine.do("await app.call.unmute()")

    _, took = wait_for("she speaks", speaks, within=5, every=0.02)
    figure("speaking shown", took, at_most=3, unit="s")


@row("C-17", "C-18", "C-19", "C-20")
def a_screen_is_shared_and_seen(meeting: Meeting) -> None:
    # Which of screen, window and tab it is, the person chooses in the browser's own picker.
    mine, watcher = meeting.ann, meeting.ben

    mine.do("await app.call.startScreenSharing()")

    assert mine.look().sharing
    assert mine.do("return app.call.localVideoStreams.at(-1).mediaStreamType") == "ScreenSharing"
    figure("share seen", _seen(watcher, mine, "sharing"), at_most=SEEN_WITHIN, unit="s")
    wait_for("her screen", lambda: watcher.picture(mine, "share-tile"), within=8)
    assert mine.refusal("await app.call.startScreenSharing()") == "400/41035"
    mine.do("await app.call.stopScreenSharing()")
    assert not mine.look().sharing
    _seen(watcher, mine, "private")
    assert mine.refusal("await app.call.stopScreenSharing()") == "400/41041"


@row("C-38")
def a_picture_is_shown_in_several_places(meeting: Meeting) -> None:
    watcher = meeting.ann
    shown = watcher.do("""
      const frames = (view) => view.target.querySelector("video") ?? view.target;
      const stream = app.other().videoStreams.find((one) => one.mediaStreamType === "Video");
      const renderers = [stream, stream, app.camera].map((one) => new app.VideoStreamRenderer(one));
      const views = [];
      for (const renderer of renderers) {
        views.push(await renderer.createView(), await renderer.createView());
      }
      views.forEach((view) => document.body.append(view.target));
      views[0].dispose();
      const moving = (view) => new Promise((done) => {
        frames(view).requestVideoFrameCallback(() => frames(view).requestVideoFrameCallback(done));
      });
      await Promise.all(views.slice(1).map(moving));
      renderers.forEach((one) => one.dispose());
      return views.length;
    """)

    assert shown == 6
    watcher.sees(meeting.ben, within=FRAMES)


@row("C-39")
def the_scaling_of_a_picture_is_set_and_changed(meeting: Meeting) -> None:
    fits = meeting.ben.do("""
      const stream = app.other().videoStreams.find((one) => one.mediaStreamType === "Video");
      const view = await new app.VideoStreamRenderer(stream).createView({ scalingMode: "Fit" });
      document.body.append(view.target);
      const video = view.target.querySelector("video") ?? view.target;
      const fits = [[view.scalingMode, getComputedStyle(video).objectFit]];
      for (const mode of ["Crop", "Stretch"]) {
        await view.updateScalingMode(mode);
        fits.push([view.scalingMode, getComputedStyle(video).objectFit]);
      }
      view.dispose();
      return fits;
    """)

    assert fits == [["Fit", "contain"], ["Crop", "cover"], ["Stretch", "fill"]]


@row("C-40")
def a_picture_can_be_shown_only_while_it_is_sent(meeting: Meeting) -> None:
    mine, watcher = meeting.ann, meeting.ben
    show = """
      const stream = app.other().videoStreams.find((one) => one.mediaStreamType === "Video");
      const view = await new app.VideoStreamRenderer(stream).createView();
      view.dispose();
    """
    mine.do("await app.call.stopVideo(app.call.localVideoStreams[0])")
    _seen(watcher, mine, "dark")

    assert watcher.refusal(show) == "412/43200"

    mine.do("await app.call.startVideo(await app.newCamera())")
    _seen(watcher, mine, "shown")
    watcher.do(show)
    watcher.sees(mine, within=FRAMES + 2)


@row("C-42")
def everything_on_the_wire_is_encrypted(meeting: Meeting) -> None:
    for each in meeting.both:
        ciphers = each.do("return harness.ciphers()")
        assert ciphers, "no connection"
        assert all(state == "connected" for state, _, _ in ciphers), ciphers
        assert all(srtp for _, srtp, _ in ciphers), ciphers
        # DTLS counts its versions down: this is 1.2.
        assert all(int(tls, 16) <= 0xFEFD for _, _, tls in ciphers), ciphers
