/** The own camera before the call. */
import { LocalVideoStream, type VideoDeviceInfo } from "@openrooms/calling";
import { type DeviceTrouble, deviceTrouble } from "../shared/troubles.js";
import { VideoSlot } from "./video.js";

/** Shows the chosen camera, mirrored as people know themselves. */
export class CameraPreview {
  /** Why the camera gave no picture, if it gave none. */
  trouble: DeviceTrouble | undefined;
  /** Whether the own picture is on the page. */
  visible = false;
  private readonly _slot: VideoSlot;
  private _stream: LocalVideoStream | undefined;
  private _cameraId: string | undefined;
  private _taken = false;

  constructor(host: HTMLElement, changed: () => void) {
    this._slot = new VideoSlot(
      host,
      { isMirrored: true, scalingMode: "Crop" },
      {
        shown: (on) => {
          this.visible = on;
          changed();
        },
        failed: (error) => {
          this.trouble = deviceTrouble(error);
          this._stop();
          changed();
        },
      },
    );
  }

  /** Show this camera, or none. */
  show(camera: VideoDeviceInfo | undefined): void {
    if (camera?.id === this._cameraId) return;
    this._stop();
    if (camera === undefined) return;
    this.trouble = undefined;
    this._cameraId = camera.id;
    this._stream = new LocalVideoStream(camera);
    this._slot.show(this._stream);
  }

  /** Forget what went wrong, before another attempt. */
  forget(): void {
    this.trouble = undefined;
  }

  /** Hand the running camera on to the call. */
  take(): LocalVideoStream | undefined {
    this._taken = this._stream !== undefined;
    // Held open, so that the camera does not blink between preview and call.
    this._stream?.getMediaStream().catch(() => undefined);
    return this._stream;
  }

  /** End the preview; a camera that was handed on goes on. */
  dispose(): void {
    if (this._taken) this._slot.dispose();
    else this._stop();
  }

  private _stop(): void {
    this._slot.dispose();
    this._stream?.dispose();
    this._stream = undefined;
    this._cameraId = undefined;
  }
}
