/** What the person can do in a call: speak, show, share. Each answers a refusal in words. */
import { type Call, LocalVideoStream } from "@openrooms/calling";
import { codeOf, deviceTrouble, tellTrouble } from "../shared/troubles.js";
import type { Announcer } from "./announcer.js";
import type { Devices } from "./devices.js";
import type { Choices } from "./memory.js";

/** Told what the person did and what did not work. */
export interface ControlsListener {
  readonly announcer: Announcer;
  /** Microphone and camera are now as the person wants them. */
  chosen(choices: Pick<Choices, "microphone" | "camera">): void;
}

/** The actions behind the toolbar of one call. */
export class Controls {
  private readonly _busy = new Set<string>();

  constructor(
    private readonly _call: Call,
    private readonly _devices: Devices,
    private readonly _tell: ControlsListener,
  ) {}

  /** The own camera, while it is on. */
  get camera(): LocalVideoStream | undefined {
    return this._call.localVideoStreams.find((stream) => stream.mediaStreamType === "Video");
  }

  toggleMicrophone(): void {
    this._once("microphone", async () => {
      if (this._call.isMuted) await this._call.unmute();
      else await this._call.mute();
      this._note();
    });
  }

  toggleCamera(): void {
    this._once("camera", async () => {
      const running = this.camera;
      if (running !== undefined) {
        await this._call.stopVideo(running);
        this._note();
        return;
      }
      if (this._devices.camera === undefined) await this._devices.askAgain();
      const camera = this._devices.camera;
      if (camera === undefined)
        this._tell.announcer.warn(tellTrouble("camera", this._devices.cameraTrouble ?? "missing"));
      else await this._call.startVideo(new LocalVideoStream(camera));
      this._note();
    });
  }

  toggleShare(): void {
    this._once("screen", async () => {
      if (this._call.isScreenSharingOn) await this._call.stopScreenSharing();
      else await this._call.startScreenSharing();
    });
  }

  /** Take another camera, at once if it is on. */
  switchCamera(id: string): void {
    this._devices.chooseCamera(id);
    this._once("camera", async () => {
      const chosen = this._devices.camera;
      if (chosen !== undefined && this.camera !== undefined) await this.camera.switchSource(chosen);
    });
  }

  private _note(): void {
    this._tell.chosen({ microphone: !this._call.isMuted, camera: this._call.isLocalVideoStarted });
  }

  /** A second press while the first is under way changes nothing. */
  private _once(what: "microphone" | "camera" | "screen", act: () => Promise<void>): void {
    if (this._busy.has(what)) return;
    this._busy.add(what);
    void act()
      .catch((error: unknown) => this._refuse(what, error))
      .finally(() => this._busy.delete(what));
  }

  private _refuse(what: "microphone" | "camera" | "screen", error: unknown): void {
    if (what !== "screen") {
      this._tell.announcer.warn(tellTrouble(what, deviceTrouble(error)));
      return;
    }
    // Closing the browser's own picker is a choice, not a fault.
    if (deviceTrouble(error) === "denied") this._tell.announcer.tell("Your screen is not shared.");
    else this._tell.announcer.warn(`Your screen could not be shared (code ${codeOf(error).code}).`);
  }
}
