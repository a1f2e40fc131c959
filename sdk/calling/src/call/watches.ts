/** What watches a call while it lasts, and tells people when something is wrong. */
import type { DeviceManagerObject } from "../devices/device-manager.js";
import type { CallFeatures } from "../features/call-features.js";
import { NetworkWatch } from "../features/network-watch.js";
import type { Clock } from "../kernel/clock.js";
import type { Forget, Page } from "../kernel/page.js";
import type { Meter } from "../media/meter.js";
import type { MediaRoom } from "../media/port.js";
import type { LocalMedia } from "./local-media.js";
import { FROZEN_CAMERA, SILENT_MICROPHONE, StallWatch } from "./stall-watch.js";

/** What watching a call needs from outside. */
export interface WatchesNeeds {
  readonly clock: Clock;
  readonly page: Page;
  readonly meter: Meter;
  readonly features: CallFeatures;
  readonly local: LocalMedia;
  readonly devices: DeviceManagerObject;
}

/** All that watches one call. */
export class Watches {
  private readonly _network: NetworkWatch;
  private readonly _forget: Forget;

  constructor(private readonly _needs: WatchesNeeds) {
    const { clock, page, meter, features, local } = _needs;
    const { network, media } = features.diagnostics;
    this._network = new NetworkWatch({ clock, network, isOnline: () => page.isOnline() });
    this._forget = _needs.devices.onLook(() => this._count());
    this._count();
    meter.add(features.optimalVideoCount);
    const camera = { clock, media, isSending: (): boolean => local.isCameraSent };
    const microphone = { clock, media, isSending: (): boolean => local.isMicrophoneHeard };
    meter.add(new StallWatch(FROZEN_CAMERA, camera));
    meter.add(new StallWatch(SILENT_MICROPHONE, microphone));
  }

  /** Media is up, in this room. Undefined: it is down for the moment. */
  bind(room: MediaRoom | undefined): void {
    this._network.bind(room);
    this._needs.meter.bind(room);
  }

  /** The engine answered, and media found no way. */
  unreachable(): void {
    this._network.unreachable();
  }

  /** The call is over. */
  close(): void {
    this._network.close();
    this._needs.features.diagnostics.remote.close();
    this._needs.meter.close();
    this._forget();
  }

  private _count(): void {
    const { devices, features } = this._needs;
    const { media } = features.diagnostics;
    media.raise("noMicrophoneDevicesEnumerated", devices.missing.includes("microphone"));
    media.raise("noSpeakerDevicesEnumerated", devices.missing.includes("speaker"));
  }
}
