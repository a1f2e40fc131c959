"""Rows about what people write to each other: data channels, and text that is seen as it is written."""

from calls.columns import Kind
from calls.meeting import JOIN, MET_WITHIN, Meeting, row
from support.deadlines import wait_for
from support.office import CONSUMER
from support.sdkpage import Client

SOON = 5
LARGEST = 32 * 1024

LISTEN = """
  app.got = [];
  app.call.feature(app.Features.DataChannel).on("dataChannelReceiverCreated", (receiver) => {
    const { channelId, senderParticipantIdentifier } = receiver;
    app.got.push(["from", channelId, senderParticipantIdentifier.communicationUserId]);
    receiver.on("messageReady", () => {
      const { sequenceNumber, data } = receiver.readMessage();
      app.got.push([sequenceNumber, data.length, [...data].reduce((sum, one) => sum + one, 0)]);
    });
    receiver.on("close", () => app.got.push("closed"));
  });
"""
OPEN = """
  app.sender = app.call.feature(app.Features.DataChannel).createDataChannelSender(it.options);
  return [app.sender.channelId, app.sender.maxMessageSize];
"""
SEND = "await app.sender.sendMessage(new Uint8Array(it.size).fill(it.byte))"
WRITE = "await app.call.feature(app.Features.RealTimeText).sendRealTimeText(it.text, it.final)"
READ = """
  app.read = [];
  app.call.feature(app.Features.RealTimeText).on("realTimeTextReceived", (info) => {
    const { sequenceId, text, resultType, isLocal, sender } = info;
    app.read.push([sequenceId, text, resultType, isLocal, sender.identifier.rawId, sender.displayName]);
  });
"""
MAY_WRITE = "return app.capabilities().realTimeText"


def _got(client: Client, many: int) -> list[object]:
    """What arrived, once it is so much."""

    def all_of_it() -> list[object] | None:
        got: list[object] = client.do("return app.got")
        return got if len(got) >= many else None

    return wait_for(f"{many} things at {client.name}", all_of_it, within=SOON)[0]


def _read(client: Client, last: str) -> list[list[object]]:
    """What was shown of texts, once it ends so."""

    def all_of_it() -> list[list[object]] | None:
        read: list[list[object]] = client.do("return app.read")
        return read if read and read[-1][1:3] == [last, "Final"] else None

    return wait_for(f"the text at {client.name}", all_of_it, within=SOON)[0]


@row("C-67")
def bytes_are_sent_to_all_or_to_some_and_arrive_in_order(meeting: Meeting) -> None:
    ann, ben = meeting.both
    for each in meeting.both:
        each.do(LISTEN)

    durable = {"channelId": 1000, "reliability": "Durable"}
    assert ann.do(OPEN, options=durable) == [1000, LARGEST]
    for size, byte in ((3, 7), (LARGEST, 255), (0, 0)):
        ann.do(SEND, size=size, byte=byte)
    ann.do("app.sender.close()")

    assert _got(ben, 5) == [
        *[["from", 1000, ann.user.raw_id], [1, 3, 21]],
        *[[2, LARGEST, LARGEST * 255], [3, 0, 0], "closed"],
    ]
    named = [{"communicationUserId": ann.user.raw_id}]
    ben.do(OPEN, options={"channelId": 7, "participants": named})
    ben.do(SEND, size=1, byte=1)
    nobody = [{"communicationUserId": meeting.office.user().raw_id}]
    ben.do("app.sender.setParticipants(it.nobody)", nobody=nobody)
    ben.do(SEND, size=1, byte=2)
    ben.do("app.sender.setParticipants([])")
    ben.do(SEND, size=1, byte=3)
    # The gap says that something was for others.
    assert _got(ann, 3) == [["from", 7, ben.user.raw_id], [1, 1, 1], [3, 1, 3]]
    assert len(ben.do("return app.got")) == 5
    assert ben.refusal(SEND, size=LARGEST + 1, byte=0) == "400/49020"
    ben.do("app.sender.close()")


@row("C-68")
def what_is_written_is_seen_while_it_is_written(meeting: Meeting) -> None:
    ann, ben = meeting.both
    for each in meeting.both:
        each.do(READ)

    ann.do(WRITE, text="Hel", final=False)
    ann.do(WRITE, text="Hello 😀", final=True)
    for each in meeting.both:
        number, *_ = _read(each, "Hello 😀")[0]
        mine = [each is ann, ann.user.raw_id, "Ann"]
        assert each.do("return app.read") == [
            [number, "Hel", "Partial", *mine],
            [number, "Hello 😀", "Final", *mine],
        ]
    ben.do(WRITE, text="Hi Ann", final=True)

    read = _read(ann, "Hi Ann")
    assert read[-1][0] != read[0][0]
    assert ann.do(MAY_WRITE) == {"isPresent": True, "reason": "Capable"}
    assert ann.refusal(WRITE, text="x" * 2001, final=True) == "400/49025"


@row("C-67", "C-68", kinds=(Kind.ROOM,))
def a_consumer_reads_what_is_written_and_writes_no_text(meeting: Meeting) -> None:
    ann, cy = meeting.ann, meeting.cy
    meeting.user(cy, "Cy", CONSUMER)
    cy.do(JOIN, place=meeting.place, camera=False, muted=True)
    cy.is_in("Connected", within=MET_WITHIN)
    for each in (ann, cy):
        each.do(READ)
        each.do(LISTEN)

    assert cy.do(MAY_WRITE) == {"isPresent": False, "reason": "RoleRestricted"}
    assert cy.refusal(WRITE, text="me too", final=True) == "403/10403"
    cy.do(OPEN, options={})
    cy.do(SEND, size=2, byte=1)
    assert _got(ann, 2)[1] == [1, 2, 2]
    wait_for("Cy is reached", lambda: _is_reached(ann, cy), within=SOON)
    cy.do("await app.call.hangUp()")

    assert _got(ann, 3)[2] == "closed"
    assert ann.do("return app.read.filter(([, , , isLocal]) => !isLocal)") == []


def _is_reached(ann: Client, cy: Client) -> bool:
    """Whether what Ann writes is shown to Cy."""
    ann.do(WRITE, text="for all", final=True)
    return any(text == "for all" for _, text, *_ in cy.do("return app.read"))
