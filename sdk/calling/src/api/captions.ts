/** What is said, as text. No server of this version makes captions. */
import type { CommunicationIdentifierKind } from "@azure/communication-common";
import type { PropertyChangedEvent, Subscribable } from "./events.js";
import type { CallFeature } from "./features.js";
import type { EndpointDetails } from "./participants.js";

/** Whose captions they are: ours, or those of Teams. */
export type CaptionsKind = "Captions" | "TeamsCaptions";
/** Whether a text may change yet. */
export type CaptionsResultType = "Partial" | "Final";

/** Somebody who speaks or writes. */
export interface ParticipantInfo {
  readonly identifier: CommunicationIdentifierKind;
  readonly displayName?: string;
  readonly hasDisplayNameChanged?: boolean;
  readonly endpointDetails: EndpointDetails[];
}

/** Something that was said. */
export interface CaptionsInfo {
  readonly timestamp: Date;
  readonly speaker: ParticipantInfo;
  readonly resultType: CaptionsResultType;
  readonly spokenText: string;
  readonly spokenLanguage: string;
}

/** How captions start. */
export interface StartCaptionsOptions {
  /** A language tag, such as `en-us`. */
  spokenLanguage: string;
}

/** The events of captions. */
export interface CaptionsEvents {
  CaptionsReceived: [info: CaptionsInfo];
  CaptionsActiveChanged: Parameters<PropertyChangedEvent>;
  SpokenLanguageChanged: Parameters<PropertyChangedEvent>;
}

/** What all captions have. */
export interface CaptionsCommon {
  readonly kind: CaptionsKind;
  readonly isCaptionsFeatureActive: boolean;
  readonly activeSpokenLanguage: string;
  readonly supportedSpokenLanguages: string[];
  startCaptions(options?: StartCaptionsOptions): Promise<void>;
  stopCaptions(): Promise<void>;
  setSpokenLanguage(language: string): Promise<void>;
}

/** Captions of a call. */
export interface Captions extends CaptionsCommon, Subscribable<CaptionsEvents> {
  readonly kind: "Captions";
}

/** The events of the captions feature. */
export interface CaptionsCallFeatureEvents {
  CaptionsKindChanged: Parameters<PropertyChangedEvent>;
}

/** What is said, as text. */
export interface CaptionsCallFeature extends CallFeature, Subscribable<CaptionsCallFeatureEvents> {
  readonly name: "Captions";
  readonly captions: Captions;
}
