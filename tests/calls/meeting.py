"""Two people in a call of one kind, for rows to look at; and the register of the rows."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from calls.columns import Kind
from support.deadlines import wait_for
from support.engine import EngineEye
from support.office import ATTENDEE, PRESENTER, Office, User
from support.report import figure
from support.sdkpage import Client
from support.server import Server

Three: TypeAlias = tuple[Client, Client, Client]

MET_WITHIN = 15.0
SEEN_WITHIN = 2.0

OPTIONS = """{
  audioOptions: { muted: it.muted === true },
  videoOptions: { localVideoStreams: it.camera === false ? [] : [await app.newCamera()] },
}"""
JOIN = f"app.agent.join(it.place, {OPTIONS})"
START = f"app.agent.startCall(it.ids.map((id) => ({{ communicationUserId: id }})), {OPTIONS})"
ACCEPT = f"await app.incoming.accept({OPTIONS})"
REJECT = "await app.incoming.reject()"
LEAVE = "await app.call.hangUp()"
# Keeps what the call's diagnostics of the network say from now on, each as its name and its value.
WATCH_NETWORK = """
  app.raised = [];
  app.call.feature(app.Features.UserFacingDiagnostics).network.on("diagnosticChanged",
    ({ diagnostic, value }) => app.raised.push(`${diagnostic} ${value}`));
"""
# Keeps how the connection of the agent changes from now on, with the reasons.
WATCH_AGENT = """
  app.touch = [];
  app.agent.on("connectionStateChanged", ({ oldValue, newValue, reason }) =>
    app.touch.push(`${oldValue} ${newValue} ${reason ?? ""}`.trim()));
"""


@dataclass(slots=True)
class Meeting:
    """Ann and Ben in a call, and Cy, who may be called in. In a room Ann is Presenter, Ben Attendee."""

    kind: Kind
    ann: Client
    ben: Client
    cy: Client
    server: Server
    office: Office
    eye: EngineEye
    place: dict[str, str]

    @property
    def both(self) -> tuple[Client, Client]:
        return self.ann, self.ben

    def user(self, client: Client, name: str, role: str = ATTENDEE) -> User:
        """Have somebody be a new user, whom the room has on its roster if there is one."""
        user = self.office.user()
        if "roomId" in self.place:
            self.office.invite(self.place["roomId"], user, role)
        client.enter(user, name)
        return user

    def begin(self) -> None:
        """Both come, each as a new user, with microphone and camera."""
        if self.kind is Kind.ROOM:
            self.place = {"roomId": self.office.room({})}
        elif self.kind is Kind.GROUP:
            self.place = {"groupId": str(uuid.uuid4())}
        self.user(self.ann, "Ann", PRESENTER)
        self.user(self.ben, "Ben", ATTENDEE)
        if self.kind is Kind.DIRECT:
            ring(self.ann, self.ben)
            self.ben.do(ACCEPT)
        else:
            self.ann.do(JOIN, place=self.place)
            self.ben.do(JOIN, place=self.place)
        for each in self.both:
            each.is_in("Connected", within=MET_WITHIN)
        self.meet()

    def meet(self) -> None:
        """Each sees the other."""
        self.ann.sees(self.ben, within=MET_WITHIN)
        self.ben.sees(self.ann, within=MET_WITHIN)

    def end(self) -> None:
        for each in (*self.both, self.cy):
            each.do("await app.leave()")


def ring(caller: Client, *called: Client, **options: object) -> None:
    """Call others, and have it ring at all of them."""
    caller.do(START, ids=[each.user.raw_id for each in called], **options)
    for each in called:
        wait_for(f"{each.name}'s ring", partial(rings, each), within=5)


def reconnects(client: Client) -> list[str]:
    """What was told since `WATCH_NETWORK` of whether media is there."""
    return [each for each in client.do("return app.raised") if each.startswith("networkReconnect")]


def rings(client: Client) -> bool:
    return bool(client.do("return app.incoming !== undefined"))


def swift(what: str, act: Callable[[], object], comes: Callable[[], bool]) -> None:
    """Do something, and see what follows from it; how soon it does is a figure."""
    begun = time.monotonic()
    act()
    wait_for(what, comes, within=10, every=0.02)
    figure(what, time.monotonic() - begun, at_most=SEEN_WITHIN, unit="s")


def state_of(watcher: Client, whom: Client) -> str | None:
    """The state in which somebody is shown."""
    other = watcher.other(whom)
    return None if other is None else other.state


@dataclass(frozen=True, slots=True)
class Row:
    """What shows one capability, or several, in calls of some kinds."""

    ids: tuple[str, ...]
    kinds: tuple[Kind, ...]
    name: str
    check: Callable[[Meeting], None]


ROWS: list[Row] = []


def row(*ids: str, kinds: tuple[Kind, ...] = tuple(Kind)) -> Callable[..., Callable[..., None]]:
    """Mark a function as the row of capabilities. It leaves the call as it found it."""

    def mark(check: Callable[[Meeting], None]) -> Callable[[Meeting], None]:
        ROWS.append(Row(ids, kinds, check.__name__, check))
        return check

    return mark
