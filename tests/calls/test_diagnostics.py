"""What calls tell people about their network and their devices, from real conditions."""

from collections.abc import Iterator

import pytest
from calls.meeting import JOIN, MET_WITHIN
from support.deadlines import wait_for
from support.office import PRESENTER, Office
from support.report import figure
from support.sdkpage import Client
from support.server import Server

FOLLOW = """
  app.raised = [];
  const { network, media } = app.call.feature(app.Features.UserFacingDiagnostics);
  for (const one of [network, media])
    one.on("diagnosticChanged", ({ diagnostic, value }) => app.raised.push(`${diagnostic} ${value}`));
"""
TOLD_WITHIN = 5.0
BACK_WITHIN = 10.0


@pytest.fixture
def call(office: Office, two: tuple[Client, Client]) -> Iterator[tuple[Client, Client]]:
    """Both in a call, with what it raises."""
    users = [office.user(), office.user()]
    room = office.room(dict.fromkeys(users, PRESENTER))
    for each, user, name in zip(two, users, ("Ann", "Ben"), strict=True):
        each.enter(user, name)
        each.do(JOIN, place={"roomId": room})
        each.is_in("Connected", within=MET_WITHIN)
        each.do(FOLLOW)
    yield two
    for each in two:
        each.do("await app.leave(); delete navigator.mediaDevices.getUserMedia")


def _raises(client: Client, what: str, *, within: float) -> float:
    def told() -> bool:
        return what in client.do("return app.raised")

    _, took = wait_for(f"{client.name} is told {what}", told, within=within + 10)
    return took


def test_a_lost_engine_is_told_as_reconnecting_until_media_is_back(
    server: Server, call: tuple[Client, Client]
) -> None:
    server.kill_engine()

    bad = max(_raises(each, "networkReconnect 3", within=TOLD_WITHIN) for each in call)
    good = max(_raises(each, "networkReconnect 1", within=BACK_WITHIN) for each in call)

    figure("engine killed: reconnecting is told", bad, at_most=TOLD_WITHIN, unit="s")
    figure("engine killed: that media is back is told", good, at_most=BACK_WITHIN, unit="s")


MEASURE = """
  const { audio, video, transports } = await new Promise((done) => {
    const collector = app.call.feature(app.Features.MediaStats).createCollector();
    const flows = ([one]) => one?.bitrate > 0;
    collector.on("sampleReported", (sample) => {
      const lists = [sample.audio, sample.video].flatMap(({ send, receive }) => [send, receive]);
      if (!lists.every(flows)) return;
      collector.dispose();
      done(sample);
    });
  });
  const codecs = [audio, video].flatMap(({ send, receive }) => [send[0], receive[0]]);
  return {
    codecs: codecs.map(({ codecName }) => codecName),
    named: video.receive[0].streamId === app.other().videoStreams[0].id,
    width: video.send[0].frameWidthSent,
    way: transports.some(({ rttInMs }) => rttInMs >= 0),
  };
"""
# A camera that a test can stop: the browser's, drawn anew until told otherwise.
STOPPABLE_CAMERA = """
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
  const pen = canvas.getContext("2d");
  app.drawing = setInterval(() => pen.fillRect(Math.random() * 300, 9, 9, 9), 50);
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (asked) =>
    asked.video ? canvas.captureStream(20) : real(asked);
  await app.call.stopVideo(app.camera);
  await app.call.startVideo(await app.newCamera());
"""
LOSE_MICROPHONE = """
  const media = navigator.mediaDevices;
  media.getUserMedia = async () => { throw new DOMException("gone", "NotFoundError"); };
  const [track] = harness.tracks().filter(({ kind }) => kind === "audio");
  track.stop();
  track.dispatchEvent(new Event("ended"));
"""
FROZEN_WITHIN = 9.0


def test_what_is_sent_and_received_is_measured_both_ways(call: tuple[Client, Client]) -> None:
    for each, other in (call, call[::-1]):
        each.sees(other, within=MET_WITHIN)
        measured = each.do(MEASURE)

        assert measured["codecs"] == ["opus", "opus", "VP8", "VP8"]
        assert measured["named"]
        assert measured["width"] > 0
        assert measured["way"]


def test_a_camera_that_gives_no_more_frames_is_told_as_frozen(
    call: tuple[Client, Client],
) -> None:
    ann, _ = call
    ann.do(STOPPABLE_CAMERA)
    ann.do("await new Promise((done) => setTimeout(done, 2_000)); clearInterval(app.drawing)")

    frozen = _raises(ann, "cameraFreeze true", within=FROZEN_WITHIN)

    figure("camera stopped: told as frozen", frozen, at_most=FROZEN_WITHIN, unit="s")


def test_a_microphone_that_is_gone_for_good_is_told_and_mutes(
    call: tuple[Client, Client],
) -> None:
    ann, _ = call
    ann.do(LOSE_MICROPHONE)

    gone = _raises(ann, "microphoneNotFunctioning true", within=TOLD_WITHIN)

    _raises(ann, "microphoneMuteUnexpectedly true", within=TOLD_WITHIN)
    wait_for("Ann muted", lambda: ann.look().muted, within=TOLD_WITHIN)
    figure("microphone gone: told", gone, at_most=TOLD_WITHIN, unit="s")


FOLLOW_OTHERS = """
  app.remote = [];
  const { remote } = app.call.feature(app.Features.UserFacingDiagnostics);
  remote.on("diagnosticChanged", ({ diagnostics }) => {
    for (const { diagnostic, value, rawId, remoteParticipant } of diagnostics)
      app.remote.push(`${rawId} ${remoteParticipant?.displayName} ${diagnostic} ${value}`);
  });
"""
SEND = "app.call.feature(app.Features.UserFacingDiagnostics).remote.startSendingDiagnostics()"


def test_the_other_is_told_what_is_wrong_once_the_app_sends_it(
    call: tuple[Client, Client],
) -> None:
    ann, ben = call
    ben.do(FOLLOW_OTHERS)
    ann.do(LOSE_MICROPHONE)
    _raises(ann, "microphoneNotFunctioning true", within=TOLD_WITHIN)
    assert ben.do("return app.remote") == []

    ann.do(SEND)

    words = f"{ann.user.raw_id} Ann microphoneNotFunctioning true"
    _, took = wait_for("Ben told", lambda: words in ben.do("return app.remote"), within=10)
    figure("microphone gone: the other is told", took, at_most=TOLD_WITHIN, unit="s")
    assert ben.do("return app.raised.filter((one) => one.startsWith('microphoneNot'))") == []
    assert ann.do("return app.remote ?? []") == []
