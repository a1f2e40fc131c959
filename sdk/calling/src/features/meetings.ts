/** What meetings of Teams have and calls of this server have not: empty, silent, and no pretence. */
import type {
  BreakoutRoomsCallFeature,
  BreakoutRoomsCallFeatureEvents,
  PPTLiveCallFeature,
  TeamsMeetingAudioConferencingCallFeature,
  TeamsMeetingAudioConferencingDetails,
  TogetherModeCallFeature,
  TogetherModeCallFeatureEvents,
  TogetherModeSeatingMap,
  TogetherModeVideoStream,
} from "../api/meetings.js";
import { Emitter } from "../kernel/emitter.js";
import { FAILURES, raise } from "../kernel/errors.js";

const MEETINGS_ONLY = "Only meetings of Teams have this.";

/** There are no breakout rooms. */
export class BreakoutRoomsObject
  extends Emitter<BreakoutRoomsCallFeatureEvents>
  implements BreakoutRoomsCallFeature
{
  readonly name = "BreakoutRooms";
}

/** There are no slides. */
export class PPTLiveObject extends Emitter<{ isActiveChanged: [] }> implements PPTLiveCallFeature {
  readonly name = "PPTLive";
  readonly isActive = false;
}

/** There is no picture of all. */
export class TogetherModeObject
  extends Emitter<TogetherModeCallFeatureEvents>
  implements TogetherModeCallFeature
{
  readonly name = "TogetherMode";
  private _sceneSize = { width: 0, height: 0 };

  /** Apps set it; nothing comes of it. A new object each time: an app may freeze it. */
  get sceneSize(): { width: number; height: number } {
    return { ...this._sceneSize };
  }

  set sceneSize(size: { width: number; height: number }) {
    this._sceneSize = { ...size };
  }

  get togetherModeStream(): ReadonlyArray<TogetherModeVideoStream> {
    return [];
  }

  get togetherModeSeatingMap(): TogetherModeSeatingMap {
    return new Map();
  }

  async start(): Promise<void> {
    throw raise(FAILURES.featureNotSupported, MEETINGS_ONLY);
  }
}

/** There are no numbers to dial. */
export class AudioConferencingObject implements TeamsMeetingAudioConferencingCallFeature {
  readonly name = "TeamsMeetingAudioConferencing";

  async getTeamsMeetingAudioConferencingDetails(): Promise<TeamsMeetingAudioConferencingDetails> {
    throw raise(FAILURES.featureNotSupported, MEETINGS_ONLY);
  }
}
