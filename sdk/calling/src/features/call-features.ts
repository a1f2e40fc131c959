/** The extras of one call: each is one object, the same from the call's beginning to its end. */
import type { CallFeature, CallFeatureFactory } from "../api/features.js";
import type { RemoteParticipant } from "../api/participants.js";
import type { Clock } from "../kernel/clock.js";
import type { Gestures } from "../signalling/gestures.js";
import type { ServerEvent } from "../signalling/messages.js";
import type { Asking } from "./asking.js";
import { CapabilitiesObject } from "./capabilities.js";
import { CaptionsObject } from "./captions.js";
import { DataChannelObject } from "./data-channel.js";
import { DiagnosticsObject } from "./diagnostics.js";
import { DominantSpeakersObject } from "./dominant-speakers.js";
import { featureNamed } from "./finding.js";
import { MediaAccessObject, type Somebody } from "./media-access.js";
import type { StreamIds } from "./media-numbers.js";
import { MediaStatsObject, type Meters } from "./media-stats.js";
import {
  AudioConferencingObject,
  BreakoutRoomsObject,
  PPTLiveObject,
  TogetherModeObject,
} from "./meetings.js";
import { OptimalVideoCountObject } from "./optimal-video-count.js";
import { RaiseHandObject } from "./raise-hand.js";
import { ReactionObject } from "./reaction.js";
import { RealTimeTextObject } from "./real-time-text.js";
import { RecordingObject, TranscriptionObject } from "./recording.js";
import { SpotlightObject } from "./spotlight.js";
import { CallSurveyObject } from "./survey.js";
import { TransferObject } from "./transfer.js";

/** What features know of their call. */
export interface CallAround extends Asking {
  /** The others who are in the call. */
  readonly people: () => readonly (RemoteParticipant & Somebody)[];
  readonly clock: Clock;
  readonly meter: Meters;
  readonly streamIds: StreamIds;
  readonly callId: () => string;
  readonly participantId: () => string | undefined;
}

/** All extras of one call. They are there before it connects and after it has ended. */
export class CallFeatures {
  readonly capabilities = new CapabilitiesObject();
  readonly diagnostics: DiagnosticsObject;
  readonly dominantSpeakers = new DominantSpeakersObject();
  readonly optimalVideoCount: OptimalVideoCountObject;
  readonly reaction: ReactionObject;
  private readonly _hands: RaiseHandObject;
  private readonly _spotlight: SpotlightObject;
  private readonly _access: MediaAccessObject;
  private readonly _channels: DataChannelObject;
  private readonly _texts: RealTimeTextObject;
  private readonly _all: readonly CallFeature[];

  constructor(around: CallAround) {
    this.diagnostics = new DiagnosticsObject(around);
    this.optimalVideoCount = new OptimalVideoCountObject(around.clock);
    this.reaction = new ReactionObject(around);
    this._hands = new RaiseHandObject(around);
    this._spotlight = new SpotlightObject(around);
    this._access = new MediaAccessObject(around, around.people);
    this._channels = new DataChannelObject(around);
    this._texts = new RealTimeTextObject(around);
    this._all = [
      ...[this._channels, this._texts],
      ...[this.capabilities, this.diagnostics, this.dominantSpeakers, this.optimalVideoCount],
      ...[this.reaction, this._hands, this._spotlight, this._access],
      ...[new RecordingObject(), new TranscriptionObject(), new CaptionsObject()],
      ...[new TransferObject(), new BreakoutRoomsObject(), new PPTLiveObject()],
      ...[new TogetherModeObject(), new AudioConferencingObject()],
      ...[new MediaStatsObject(around), new CallSurveyObject(around)],
    ];
  }

  /** The extra that a factory of `Features` names. Throws 405/49002 when there is none. */
  get<F extends CallFeature>(factory: CallFeatureFactory<F>): F {
    return featureNamed(factory?.featureName, this._all);
  }

  /** The server told something that features are about. */
  hear(event: ServerEvent): void {
    switch (event.event) {
      case "featuresChanged":
        this.update(event.gestures);
        break;
      case "reaction":
        this.reaction.show(event.rawId, event.reactionType);
        break;
      case "diagnostics":
        this.diagnostics.remote.hear(event);
        break;
      case "data":
        this._channels.arrive(event);
        break;
      case "dataClosed":
        this._channels.shut(event);
        break;
      case "text":
        this._texts.show(event);
        break;
      default:
        break;
    }
  }

  /** Only these endpoints are in the call any more. */
  keep(isThere: (participantId: string) => boolean): void {
    this._channels.keep(isThere);
    this._texts.keep(isThere);
  }

  /** The call is over. */
  end(): void {
    this._channels.end();
    this._texts.end();
  }

  /** The server told how hands, spotlights and media access are now. */
  update({ hands, spotlights, access, others }: Gestures): void {
    this._hands.update(hands);
    this._spotlight.update(spotlights);
    this._access.update({ access, others });
  }
}
