"""Rows about microphones, speakers and cameras."""

from calls.meeting import MET_WITHIN, Meeting, row

CHOOSE = """
  const one = (await app.devices[it.list]())[it.number];
  const changed = new Promise((done) => app.devices.on(it.event, done));
  await app.devices[it.choose](one);
  await changed;
  return one;
"""


@row("C-11", "C-35", "C-36", "C-37")
def the_speaker_is_chosen_and_plays_the_call(meeting: Meeting) -> None:
    mine = meeting.ann
    speaker = {"list": "getSpeakers", "choose": "selectSpeaker", "event": "selectedSpeakerChanged"}
    assert mine.do("return app.devices.isSpeakerSelectionAvailable")

    for number in (1, 0):
        one = mine.do(CHOOSE, number=number, **speaker)
        assert one["deviceType"] == "Speaker"
        assert mine.do("return app.devices.selectedSpeaker.id") == one["id"]
        sinks = mine.person.evaluate("probe.sinks()")
        assert sinks
        assert all(one["id"].endswith(sink or "default") for sink in sinks), (one, sinks)
    mine.hears(meeting.ben, within=MET_WITHIN)


@row("C-12", "C-32", "C-33", "C-34")
def the_microphone_is_chosen_and_sends_the_call(meeting: Meeting) -> None:
    mine = meeting.ben
    microphone = {
        "list": "getMicrophones",
        "choose": "selectMicrophone",
        "event": "selectedMicrophoneChanged",
    }

    for number in (1, 0):
        one = mine.do(CHOOSE, number=number, **microphone)
        assert one["deviceType"] == "Microphone"
        assert mine.do("return app.devices.selectedMicrophone.id") == one["id"]
        sends = "return new Promise((done) => harness.whenSent(it.label, done))"
        mine.do(sends, label=one["name"])
    meeting.ann.hears(mine, within=MET_WITHIN)


@row("C-28")
def permission_is_asked_for(meeting: Meeting) -> None:
    mine = meeting.ben
    ask = "return app.devices.askDevicePermission(it.what)"

    assert mine.do(ask, what={"audio": True, "video": True}) == {"audio": True, "video": True}
    assert mine.do(ask, what={"audio": True})["audio"] is True
    assert mine.refusal(ask, what={"audio": False, "video": False}) == "400/40612"
