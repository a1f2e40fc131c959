/** What the others send, read from a livekit-client room. */
import {
  type ElementInfo,
  RemoteAudioTrack,
  type RemoteTrackPublication,
  RemoteVideoTrack,
  type Room,
  Track,
} from "livekit-client";
import type { Mute, RoomFeed, Source } from "../port.js";

/** Our name for a source; undefined for those that we do not handle. */
export function sourceOf(source: Track.Source): Source | undefined {
  switch (source) {
    case Track.Source.Microphone:
      return "microphone";
    case Track.Source.Camera:
      return "camera";
    case Track.Source.ScreenShare:
      return "screen";
    default:
      return undefined;
  }
}

/** Everything that the others send in a room now. */
export function feedsOf(room: Room): RoomFeed[] {
  const feeds: RoomFeed[] = [];
  for (const participant of room.remoteParticipants.values()) {
    for (const publication of participant.trackPublications.values()) {
      const source = sourceOf(publication.source);
      if (source === undefined) continue;
      const from = { sender: participant.identity, stay: participant.sid, source };
      feeds.push({ ...from, ...stateOf(publication), ...actionsOf(publication) });
    }
  }
  return feeds;
}

type State = Pick<RoomFeed, "muted" | "wanted" | "arrived">;
type Actions = Omit<RoomFeed, keyof State | "sender" | "stay" | "source">;

function stateOf({ isMuted: muted, isDesired: wanted, track }: RemoteTrackPublication): State {
  return { muted, wanted, arrived: track };
}

function actionsOf(publication: RemoteTrackPublication): Actions {
  // The publication forgets its track when the room ends, and the track forgets no element.
  const { track } = publication;
  return {
    want: ({ wanted }) => publication.setSubscribed(wanted),
    attach: (video) => {
      if (track !== undefined && !track.attachedElements.includes(video)) track.attach(video);
    },
    detach: (video) => {
      if (track?.attachedElements.includes(video)) track.detach(video);
    },
    play: ({ muted }) => {
      if (track === undefined) return;
      if (track.attachedElements.length === 0) track.attach();
      // Where a page may not set the volume, such as on phones, it may still mute.
      if (track instanceof RemoteAudioTrack) track.setVolume(muted ? 0 : 1);
      for (const element of track.attachedElements) hush(element, { muted });
    },
    take: () => {
      if (track instanceof RemoteVideoTrack) receiveInFull(track);
      return track?.mediaStreamTrack;
    },
  };
}

const hushed = new WeakSet<HTMLMediaElement>();

/** Only what was muted here is unmuted: the client itself mutes what the browser keeps back. */
function hush(element: HTMLMediaElement, { muted }: Mute): void {
  if (muted) {
    hushed.add(element);
    element.muted = true;
  } else if (hushed.delete(element)) element.muted = false;
}

const inFull = new WeakSet<RemoteVideoTrack>();

/** The client asks for as much as the elements show that it knows; this stands for one of the app's. */
function receiveInFull(track: RemoteVideoTrack): void {
  if (inFull.has(track)) return;
  inFull.add(track);
  const element: ElementInfo = {
    element: {},
    width: () => 1920,
    height: () => 1080,
    visible: true,
    pictureInPicture: false,
    visibilityChangedAt: undefined,
    observe: () => undefined,
    stopObserving: () => undefined,
  };
  track.observeElementInfo(element);
}
