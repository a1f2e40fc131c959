"""The composite in a call in a room: all that two people do there."""

from functools import partial

from support.composite import DEVICES, HANG_UP, HAS_FOCUS, START, Guest, Meeting
from support.likeness import DOCTOR, PATIENT

MOVES_WITHIN = 10.0
FIVE_STARS = 5
WRITE_HERE = "Type message in real-time"
# What a browser says of a camera that another program holds.
TAKEN = """() => {
  navigator.mediaDevices.getUserMedia = async () => {
    throw new DOMException("Could not start video source", "NotReadableError");
  };
}"""
# What the composite calls a reaction, and our picture for it.
REACTIONS = {
    "Like": "like",
    "Love": "heart",
    "Applause": "applause",
    "Laugh": "laugh",
    "Surprised": "surprised",
}


def test_the_view_before_the_call_shows_oneself_and_the_devices(meeting: Meeting) -> None:
    doctor, _ = meeting.both

    doctor.prepare("camera")

    doctor.comes("the preview", doctor.page.locator("video").is_visible)
    doctor.shows("Start a call")
    doctor.shows("Camera")
    for device in DEVICES.values():
        assert doctor.part(device).is_visible()


def test_a_camera_that_is_taken_is_an_error_that_the_composite_tells(meeting: Meeting) -> None:
    doctor = meeting.doctor
    doctor.comes("the view before the call", doctor.part(START).is_enabled)
    doctor.person.evaluate(TAKEN)

    doctor.press(DEVICES["camera"])

    doctor.complains("the adapter: Call.startVideo: The camera is in use")
    # Nothing of the composite's waits for what comes of its button.
    doctor.complains("page error: Call.startVideo: The camera is in use")


def test_a_link_without_a_name_asks_for_it(meeting: Meeting) -> None:
    doctor, patient = meeting.both
    patient.follow(meeting.link(patient, name=""))

    patient.page.get_by_test_id("name").fill("Bo the Second")
    patient.page.keyboard.press("Enter")
    patient.enter()
    doctor.enter()

    doctor.shows("Bo the Second")


def test_each_sees_and_hears_the_other(call: Meeting) -> None:
    doctor, patient = call.both

    doctor.sees(PATIENT, within=MOVES_WITHIN)
    patient.sees(DOCTOR, within=MOVES_WITHIN)
    doctor.hears(PATIENT)
    patient.hears(DOCTOR)


def test_a_screen_is_shared_both_ways_one_after_the_other(call: Meeting) -> None:
    doctor, patient = call.both
    call.make(patient, "Presenter")
    for one, other in ((doctor, patient), (patient, doctor)):
        other.sees(one.person.likeness)
        one.press("call-composite-screenshare-button")

        other.sees_screen()
        one.press("call-composite-screenshare-button")
        other.sees_no_screen()


def test_a_raised_hand_is_seen_and_lowered(call: Meeting) -> None:
    doctor, patient = call.both
    doctor.open_people()

    patient.press("call-composite-raisehand-button")
    # The place in the order of hands, in the person's line.
    doctor.comes("the hand", lambda: "1" in doctor.line_of("Bo Chen"))
    patient.press("call-composite-raisehand-button")

    doctor.comes("no hand", lambda: "1" not in doctor.line_of("Bo Chen"))


def test_each_reaction_shows_on_the_tile(call: Meeting) -> None:
    doctor, patient = call.both
    doctor.sees(PATIENT)

    for words, art in REACTIONS.items():
        patient.press("call-composite-reaction-button")
        # By keyboard: the pictures move, and no mouse of a test meets what moves.
        patient.page.get_by_role("button", name=words, exact=True).first.press("Enter")

        doctor.comes(art, partial(doctor.shows_art, art))


def test_what_one_writes_is_shown_to_the_other_while_he_writes(call: Meeting) -> None:
    doctor, patient = call.both

    doctor.press("common-call-composite-more-button")
    doctor.page.get_by_role("menuitem", name="Real-time text (RTT)").click()
    doctor.page.get_by_role("menuitem", name="Turn on RTT for this call").click()
    doctor.press("realTimeText-modal-confirm-button")
    field = doctor.page.get_by_placeholder(WRITE_HERE)
    field.press_sequentially("How are you")

    # Nothing was turned on there: it opens with the first letter.
    patient.shows("How are you")
    patient.shows("Real-Time Text")
    field.press_sequentially(" today?")
    field.press("Enter")
    patient.shows("How are you today?")
    doctor.comes("an empty field", lambda: field.input_value() == "")
    doctor.shows("How are you today?")
    reply = patient.page.get_by_placeholder(WRITE_HERE)
    reply.press_sequentially("Better, thanks")
    reply.press("Enter")
    doctor.shows("Better, thanks")
    assert patient.page.get_by_text("How are you").locator("visible=true").count() == 1


def test_the_presenter_puts_the_patient_into_the_spotlight(call: Meeting) -> None:
    doctor, _ = call.both

    doctor.choose("Bo Chen", "Spotlight for everyone")
    doctor.confirm("Spotlight for everyone")
    doctor.comes("the spotlight", lambda: doctor.count("VideoTileSpotlighted") > 0)
    doctor.choose("Bo Chen", "Stop spotlighting")
    doctor.confirm("Stop spotlighting")

    doctor.comes("no spotlight", lambda: doctor.count("VideoTileSpotlighted") == 0)


def test_the_people_pane_has_both_and_the_presenter_removes_the_patient(call: Meeting) -> None:
    doctor, patient = call.both

    doctor.open_people()
    names = doctor.page.locator('[data-ui-id="participant-item"]').all_inner_texts()
    doctor.choose("Bo Chen", "Remove")

    assert any("Bo Chen" in name for name in names)
    patient.is_in("ended", within=MOVES_WITHIN)
    patient.shows("You were removed")
    doctor.sees_nobody()


def test_an_attendee_cannot_remove_anybody(call: Meeting) -> None:
    _, patient = call.both

    assert "Remove" not in patient.menu_of("Dr. Ada Ruiz")


def test_the_survey_is_kept_after_the_call(call: Meeting) -> None:
    doctor, patient = call.both

    doctor.hang_up()
    doctor.rate(FIVE_STARS)
    doctor.press("Send Feedback")

    doctor.shows("Thank you for your feedback!")
    (kept,) = call.surveys(doctor)
    assert kept["overallRating"]["score"] == FIVE_STARS
    assert kept["callId"] is not None
    assert call.surveys(patient) == []


def test_who_left_comes_in_again(call: Meeting) -> None:
    doctor, patient = call.both
    doctor.hang_up()
    doctor.press("Skip")

    doctor.press("Re-join call")

    doctor.is_in("connected", within=MOVES_WITHIN)
    doctor.sees(PATIENT, within=MOVES_WITHIN)
    assert patient.state == "connected"


def test_a_page_reloaded_in_the_call_is_in_it_again_with_what_was_on(call: Meeting) -> None:
    doctor, patient = call.both
    patient.sees(DOCTOR)

    doctor.page.reload()

    doctor.is_in("connected", within=MOVES_WITHIN)
    patient.sees(DOCTOR, within=MOVES_WITHIN)
    patient.hears(DOCTOR)


def test_after_hanging_up_no_device_is_open_and_nothing_went_wrong(call: Meeting) -> None:
    for guest in call.both:
        guest.hang_up()

    for guest in call.both:
        guest.closes_all_devices()
        assert guest.complaints() == []
        assert guest.addresses() == {call.origin}


def test_the_page_is_used_by_keyboard_alone(meeting: Meeting) -> None:
    doctor, _ = meeting.both
    doctor.prepare("camera")

    doctor.tab_to(START)
    doctor.page.keyboard.press("Enter")
    doctor.is_in("connected", within=MOVES_WITHIN)
    doctor.tab_to(HANG_UP)
    doctor.page.keyboard.press("Enter")
    leave = doctor.page.get_by_role("dialog").get_by_role("button", name="Leave", exact=True)
    doctor.comes("the question", leave.is_visible)
    doctor.tab_until(lambda: leave.evaluate(HAS_FOCUS), "Leave")
    doctor.page.keyboard.press("Enter")

    doctor.is_in("ended", within=MOVES_WITHIN)


def test_a_page_tells_its_language_title_and_icon(meeting: Meeting) -> None:
    doctor: Guest = meeting.doctor

    assert doctor.page.locator("html").get_attribute("lang") == "en"
    assert doctor.page.title().endswith("OpenRooms")
    assert doctor.page.locator('link[rel="icon"]').get_attribute("href")
