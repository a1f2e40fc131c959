/** The names of all capabilities, and what they are before the server has told. */
import type { ParticipantCapabilities, ParticipantCapabilityName } from "../api/features.js";

/** Every capability that there is. */
export const CAPABILITY_NAMES: readonly ParticipantCapabilityName[] = [
  "turnVideoOn",
  "unmuteMic",
  "shareScreen",
  "removeParticipant",
  "hangUpForEveryOne",
  "addCommunicationUser",
  "addTeamsUser",
  "addPhoneNumber",
  "manageLobby",
  "spotlightParticipant",
  "removeParticipantsSpotlight",
  "blurBackground",
  "startLiveMeetingCaptions",
  "startLiveCallingCaptions",
  "setCaptionLanguage",
  "raiseHand",
  "pstnDialOut",
  "muteOthers",
  "useReactions",
  "viewAttendeeNames",
  "startTogetherMode",
  "joinBreakoutRooms",
  "forbidOthersAudio",
  "forbidOthersVideo",
  "realTimeText",
];

const UNKNOWN = { isPresent: false, reason: "FeatureNotSupported" } as const;

/** The values before the first word of the server: apps read this reason as "not known yet". */
export const NOTHING_YET: Readonly<ParticipantCapabilities> = {
  turnVideoOn: UNKNOWN,
  unmuteMic: UNKNOWN,
  shareScreen: UNKNOWN,
  removeParticipant: UNKNOWN,
  hangUpForEveryOne: UNKNOWN,
  addCommunicationUser: UNKNOWN,
  addTeamsUser: UNKNOWN,
  addPhoneNumber: UNKNOWN,
  manageLobby: UNKNOWN,
  spotlightParticipant: UNKNOWN,
  removeParticipantsSpotlight: UNKNOWN,
  blurBackground: UNKNOWN,
  startLiveMeetingCaptions: UNKNOWN,
  startLiveCallingCaptions: UNKNOWN,
  setCaptionLanguage: UNKNOWN,
  raiseHand: UNKNOWN,
  pstnDialOut: UNKNOWN,
  muteOthers: UNKNOWN,
  useReactions: UNKNOWN,
  viewAttendeeNames: UNKNOWN,
  startTogetherMode: UNKNOWN,
  joinBreakoutRooms: UNKNOWN,
  forbidOthersAudio: UNKNOWN,
  forbidOthersVideo: UNKNOWN,
  realTimeText: UNKNOWN,
};
