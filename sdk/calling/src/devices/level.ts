/** How loud tracks are, and a microphone above all. */

/** Listens to a microphone that is open. */
export interface Level {
  /** From 0, silence, to 1. */
  read(): number;
  /** Stop listening. */
  close(): void;
}

/** Listens to a track of a microphone, also while the track itself is silenced. */
export type OpenLevel = (track: MediaStreamTrack) => Level | undefined;

const SAMPLES = 512;

/** By the browser's own means; undefined where it has none. The device is not opened anew by this. */
export const openBrowserLevel: OpenLevel = (track) => {
  if (typeof AudioContext === "undefined" || track.readyState === "ended") return undefined;
  try {
    return listenTo(track);
  } catch {
    // Browsers allow only so many, and none at some moments: a call goes on without.
    return undefined;
  }
};

function listenTo(track: MediaStreamTrack): Level {
  const context = new AudioContext();
  // A track that is silenced has no sound, while a copy of it has its own switch.
  const copy = track.clone();
  const close = (): void => {
    copy.stop();
    context.close().catch(() => undefined);
  };
  copy.enabled = true;
  try {
    const samples = samplesOf(context, [copy], SAMPLES);
    return { read: () => rmsOf(samples()), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Reads the latest samples, between -1 and 1, of some tracks together. */
export function samplesOf(
  context: AudioContext,
  tracks: readonly MediaStreamTrack[],
  fftSize: number,
): () => Float32Array {
  const analyser = new AnalyserNode(context, { fftSize });
  for (const track of tracks) {
    const mediaStream = new MediaStream([track]);
    new MediaStreamAudioSourceNode(context, { mediaStream }).connect(analyser);
  }
  const samples = new Float32Array(fftSize);
  return () => {
    analyser.getFloatTimeDomainData(samples);
    return samples;
  };
}

/** How loud samples are: from 0, silence, to 1. */
export function rmsOf(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
}
