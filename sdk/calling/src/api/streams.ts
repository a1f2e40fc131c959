/** Pictures from others and how to show them. */
import type { Subscribable } from "./events.js";

/** What a stream carries. */
export type MediaStreamType = "Audio" | "Video" | "ScreenSharing" | "RawMedia" | "LiveStream";

/** How a picture fills the element it is shown in. */
export type ScalingMode = "Stretch" | "Crop" | "Fit";

/** The size of a picture in pixels. */
export interface StreamSize {
  width: number;
  height: number;
}

/** The events of a remote video stream. */
export interface RemoteVideoStreamEvents {
  isAvailableChanged: [];
  isReceivingChanged: [];
  sizeChanged: [];
}

/** The camera or the shared screen of somebody else. */
export interface RemoteVideoStream extends Subscribable<RemoteVideoStreamEvents> {
  /** A number that no other stream of the call has. */
  readonly id: number;
  readonly mediaStreamType: MediaStreamType;
  /** Whether the sender is sending; only then a view can be made. */
  readonly isAvailable: boolean;
  /** Whether pictures arrive. Only a stream that is shown by a view receives any. */
  readonly isReceiving: boolean;
  /** The size of the pictures that arrive; 0x0 before the first. */
  readonly size: StreamSize;
  /**
   * The picture as a stream, for an app that shows it in a way of its own; it then arrives in full
   * until the sender stops. Rejects with 412/43200 while the stream is not available.
   */
  getMediaStream(): Promise<MediaStream>;
}

/** How a new view shows its stream. */
export interface CreateViewOptions {
  /** Crop for cameras and Fit for screens when left out. */
  scalingMode?: ScalingMode | undefined;
  /** Whether left and right are swapped, as in a mirror. */
  isMirrored?: boolean | undefined;
}

/** A stream on the page. */
export interface VideoStreamRendererView {
  /** The element to put into the page; it may be moved around. */
  readonly target: HTMLElement;
  readonly scalingMode: ScalingMode;
  readonly isMirrored: boolean;
  /** Show the stream in another way from now on. */
  updateScalingMode(scalingMode: ScalingMode): Promise<void>;
  /** Take the view off. */
  dispose(): void;
}
