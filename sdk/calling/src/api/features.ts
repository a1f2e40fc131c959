/** Extras of a call or of the client, reached by `feature(Features.Name)`. */
import type { PropertyChangedEvent, Subscribable } from "./events.js";

/** An extra of a call. */
export interface CallFeature {
  readonly name: string;
}

/** An extra of the client. */
export interface CallClientFeature {
  readonly name: string;
}

/** Names an extra of a call; found in `Features`. */
export interface CallFeatureFactory<F extends CallFeature> {
  readonly featureName: string;
  /** Only tells the compiler which feature it is; has no value. */
  readonly feature?: F;
}

/** Names an extra of the client; found in `Features`. */
export interface CallClientFeatureFactory<F extends CallClientFeature> {
  readonly clientFeatureName: string;
  /** Only tells the compiler which feature it is; has no value. */
  readonly feature?: F;
}

/** What somebody may do in a call. */
export type ParticipantCapabilityName =
  | "turnVideoOn"
  | "unmuteMic"
  | "shareScreen"
  | "removeParticipant"
  | "hangUpForEveryOne"
  | "addCommunicationUser"
  | "addTeamsUser"
  | "addPhoneNumber"
  | "manageLobby"
  | "spotlightParticipant"
  | "removeParticipantsSpotlight"
  | "blurBackground"
  | "startLiveMeetingCaptions"
  | "startLiveCallingCaptions"
  | "setCaptionLanguage"
  | "raiseHand"
  | "pstnDialOut"
  | "muteOthers"
  | "useReactions"
  | "viewAttendeeNames"
  | "startTogetherMode"
  | "joinBreakoutRooms"
  | "forbidOthersAudio"
  | "forbidOthersVideo"
  | "realTimeText";

/** Why something may be done or not. */
export type CapabilityResolutionReason =
  | "Capable"
  | "CapabilityNotApplicableForTheCallType"
  | "ClientRestricted"
  | "UserPolicyRestricted"
  | "RoleRestricted"
  | "FeatureNotSupported"
  | "MeetingRestricted"
  | "NotInitialized"
  | "NotCapable"
  | "TeamsPremiumLicenseRestricted"
  | "IpModeUserPolicyRestricted"
  | "ExplicitConsentRequired";

/** Whether something may be done, and why. */
export interface ParticipantCapability {
  readonly isPresent: boolean;
  readonly reason: CapabilityResolutionReason;
}

/** Everything that may be done or not. Every name is always there. */
export type ParticipantCapabilities = Record<ParticipantCapabilityName, ParticipantCapability>;

/** What made capabilities change. */
export type CapabilitiesChangedReason =
  | "RoleChanged"
  | "UserPolicyChanged"
  | "MeetingOptionOrOrganizerPolicyChanged"
  | "TeamsPremiumLicenseChanged";

/** The capabilities that changed, before and after. */
export interface CapabilitiesChangeInfo {
  readonly oldValue: Partial<ParticipantCapabilities>;
  readonly newValue: Partial<ParticipantCapabilities>;
  readonly reason: CapabilitiesChangedReason;
}

/** The events of the capabilities feature. */
export interface CapabilitiesFeatureEvents {
  capabilitiesChanged: [change: CapabilitiesChangeInfo];
}

/** What the own role allows in this call. */
export interface CapabilitiesFeature extends CallFeature, Subscribable<CapabilitiesFeatureEvents> {
  readonly name: "Capabilities";
  readonly capabilities: ParticipantCapabilities;
}

/** What the page runs in. */
export interface Environment {
  platform: string;
  browser: string;
  browserVersion: string;
}

/** What the page runs in, and whether calls work there. */
export interface EnvironmentInfo {
  environment: Environment;
  isSupportedPlatform: boolean;
  isSupportedBrowser: boolean;
  isSupportedBrowserVersion: boolean;
  isSupportedEnvironment: boolean;
}

/** The events of the debug feature. */
export interface DebugInfoFeatureEvents {
  isCallClientActiveInAnotherTabChanged: Parameters<PropertyChangedEvent>;
}

/** Tells what the page runs in, and beside what. */
export interface DebugInfoCallClientFeature
  extends CallClientFeature,
    Subscribable<DebugInfoFeatureEvents> {
  readonly name: "DebugInfo";
  /** Whether another tab of this site, in this browser, has a call agent. */
  readonly isCallClientActiveInAnotherTab: boolean;
  getEnvironmentInfo(): Promise<EnvironmentInfo>;
}
