/** Puts a call together from its parts. */
import type { CallDirection, CallerInfo } from "../api/call.js";
import type { CollectionUpdate } from "../api/events.js";
import type { DeviceManagerObject } from "../devices/device-manager.js";
import { Incoming } from "../media/incoming.js";
import { limitsBy, type PictureLimits } from "../media/limits.js";
import { Meter } from "../media/meter.js";
import { Outgoing } from "../media/outgoing.js";
import type { AgentSocket } from "../signalling/agent-socket.js";
import type { Entry, Operations } from "../signalling/operations.js";
import type { LocalAudioStream } from "../streams/local-audio-stream.js";
import type { LocalVideoStream } from "../streams/local-video-stream.js";
import { CallObject } from "./call.js";
import type { World } from "./call-agent.js";
import { Company } from "./company.js";
import { Hearing } from "./hearing.js";
import { Holding } from "./holding.js";
import { LocalMedia } from "./local-media.js";
import type { Place } from "./place.js";
import { Roster, type RosterNeeds } from "./roster.js";
import { Session } from "./session.js";
import { Watches } from "./watches.js";

/** A call and its life. */
export interface RunningCall {
  readonly call: CallObject;
  readonly session: Session;
}

/** What a call is made from. */
export interface CallPlan {
  readonly world: World;
  readonly socket: AgentSocket;
  readonly operations: Operations;
  readonly devices: DeviceManagerObject;
  readonly entry: Entry;
  readonly place: Place;
  readonly direction: CallDirection;
  readonly caller: () => CallerInfo;
  /** The call's first id; left out, it is made. */
  readonly id?: string;
  /** Those who are called. */
  readonly called: readonly string[];
  readonly muted: boolean;
  readonly voice: LocalAudioStream | undefined;
  readonly streams: readonly LocalVideoStream[];
  readonly limits: PictureLimits;
  /** Put the agent's other calls on hold. */
  readonly holdOthers: (than: CallObject) => Promise<void>;
  readonly onEnded: (running: RunningCall) => void;
}

/** A call that has not begun. */
export function makeCall(plan: CallPlan): RunningCall {
  const { world, entry, place } = plan;
  const { clock, log, newId } = world;
  // What makes the request repeatable is also the call's first id, if it has none already.
  const joinId = newId();
  const meter = new Meter(world);
  const call = new CallObject({ ...plan, clock, meter, id: plan.id ?? joinId });
  const outgoing = new Outgoing({ clock, log, onRefused: (...why) => local.refuse(...why) });
  void outgoing.limit(plan.limits);
  const incoming = new Incoming(
    { clock, isInCall: (sender): boolean => roster.has(sender) },
    {
      onFeeds: (feeds) => roster.setFeeds(feeds),
      onSound: (tracks) => hearing.hear(tracks),
    },
  );
  const mute = (rawId: string): Promise<void> => company.mute([rawId]);
  const roster = makeRoster(call, { clock, screens: incoming, mute });
  const local = makeLocalMedia(call, outgoing, plan);
  const watches = makeWatches(call, local, { ...plan, meter });
  const hearing = makeHearing(call, incoming, plan);
  const holding = new Holding({
    ...{ call, roster, outgoing, log },
    ask: (op, fields) => session.ask(op, fields),
    holdOthers: () => plan.holdOthers(call),
  });
  const session: Session = new Session(
    {
      ...{ ...plan, ...world, call, local, roster, incoming, watches, hearing, holding },
      bound: [hearing, outgoing, incoming, watches],
      holdOthers: () => plan.holdOthers(call),
      onEnded: () => {
        watches.close();
        plan.onEnded(running);
      },
    },
    { entry, place, joinId },
  );
  const running = { call, session };
  for (const rawId of plan.called) roster.expect(rawId);
  const company = makeCompany(roster, session, plan);
  call.assemble({
    ...{ local, roster, company, hearing, holding, session },
    ownId: () => plan.socket.rawId ?? "",
    constrain: async (video) => outgoing.limit(limitsBy(outgoing.limits, video)),
    hangUp: () => session.hangUp(),
    endForEveryone: () => session.endForEveryone(),
  });
  return running;
}

function makeWatches(
  { features }: CallObject,
  local: LocalMedia,
  { world, devices, meter }: CallPlan & { readonly meter: Meter },
): Watches {
  return new Watches({ ...world, devices, meter, local, features });
}

function makeRoster(
  call: CallObject,
  needs: Pick<RosterNeeds, "clock" | "screens" | "mute">,
): Roster {
  const speakers = call.features.dominantSpeakers;
  const roster: Roster = new Roster({
    ...needs,
    onUpdated: (update) => {
      call.emit("remoteParticipantsUpdated", update);
      call.recount();
      speakers.keep(new Set(roster.participants.map(({ rawId }) => rawId)));
    },
    onPresent: (legs) => call.features.diagnostics.remote.meet(legs),
    onSpeakers: (rawIds) => speakers.update(rawIds),
  });
  return roster;
}

function makeHearing(call: CallObject, incoming: Incoming, plan: CallPlan): Hearing {
  return new Hearing({
    incoming,
    log: plan.world.log,
    chosenSpeaker: () => plan.devices.chosenId("speaker"),
    onBlocked: ({ blocked }) =>
      call.features.diagnostics.media.raise("speakerNotFunctioning", blocked),
    onMutedChanged: () => call.emit("isIncomingAudioMutedChanged"),
    onStreamsUpdated: (update) => call.emit("remoteAudioStreamsUpdated", update),
  });
}

function makeCompany(roster: Roster, session: Session, plan: CallPlan): Company {
  return new Company({
    operations: plan.operations,
    roster,
    callId: () => session.liveCallId,
    require: (what) => session.require(what),
    ownId: () => plan.socket.rawId,
  });
}

function makeLocalMedia(call: CallObject, outgoing: Outgoing, plan: CallPlan): LocalMedia {
  const { devices, world } = plan;
  return new LocalMedia(
    {
      outgoing,
      log: world.log,
      clock: world.clock,
      media: call.features.diagnostics.media,
      chosenMicrophone: () => devices.microphone,
      listener: {
        onMutedChanged: () => call.emit("isMutedChanged"),
        onVideoStartedChanged: () => call.emit("isLocalVideoStartedChanged"),
        onScreenSharingChanged: () => call.emit("isScreenSharingOnChanged"),
        onStreamsUpdated: (update: CollectionUpdate<LocalVideoStream>) =>
          call.emit("localVideoStreamsUpdated", update),
        onVoicesUpdated: (update) => call.emit("localAudioStreamsUpdated", update),
      },
    },
    plan,
  );
}
