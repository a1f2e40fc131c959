// Runs in every page before its own scripts: knows every sounding element, looks at every tile.
(() => {
  // Decibels of the loudest bin: a tone that plays lies near -20, silence and other tones below -65.
  const HEARD = -45;

  const sounding = new Set();
  const own = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "srcObject");
  Object.defineProperty(HTMLMediaElement.prototype, "srcObject", {
    ...own,
    set(stream) {
      sounding.add(this);
      own.set.call(this, stream);
    },
  });

  let context;
  const ears = new Map();
  const ear = (track) => {
    if (!ears.has(track.id)) {
      context ??= new AudioContext();
      const analyser = context.createAnalyser();
      analyser.fftSize = 4096;
      analyser.smoothingTimeConstant = 0;
      context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
      ears.set(track.id, analyser);
    }
    return ears.get(track.id);
  };
  const tracks = () =>
    [...sounding]
      .filter(
        (element) => element.srcObject && !element.paused && !element.muted && element.volume > 0,
      )
      .flatMap((element) => element.srcObject.getAudioTracks())
      .filter((track) => track.readyState === "live");
  const heard = () => tracks().map(ear);
  const level = (analyser, hertz) => {
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const bin = Math.round((hertz * analyser.fftSize) / context.sampleRate);
    return Math.max(...bins.slice(bin - 2, bin + 3));
  };

  // What the page opened: cameras, microphones, screens.
  const captured = [];
  for (const name of ["getUserMedia", "getDisplayMedia"]) {
    const devices = globalThis.MediaDevices?.prototype;
    const open = devices?.[name];
    if (open === undefined) continue;
    devices[name] = async function (...wishes) {
      const stream = await open.apply(this, wishes);
      captured.push(...stream.getTracks());
      return stream;
    };
  }

  const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  const loudest = async (hertz, milliseconds) => {
    let found = -200;
    const end = performance.now() + milliseconds;
    while (performance.now() < end) {
      for (const analyser of heard()) found = Math.max(found, level(analyser, hertz));
      await pause(40);
    }
    return found;
  };
  // Firefox runs no audio context on a machine without speakers: there tracks are recorded and read.
  const isDeaf = () => context?.state === "suspended";
  const recorded = async (track, hertz, milliseconds) => {
    const recorder = new MediaRecorder(new MediaStream([track]));
    const parts = [];
    recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
    const over = new Promise((done) => recorder.addEventListener("stop", done));
    recorder.start();
    await pause(milliseconds);
    recorder.stop();
    await over;
    const bytes = await new Blob(parts).arrayBuffer();
    const sound = await new OfflineAudioContext(1, 1, 48_000).decodeAudioData(bytes);
    const samples = sound.getChannelData(0);
    const starts = Array.from({ length: Math.floor(samples.length / 4096) }, (_, n) => n * 4096);
    const levels = starts.map((from) => tone(samples.subarray(from, from + 4096), hertz / 48_000));
    return Math.max(-200, ...levels);
  };
  // The decibels of a tone, as an analyser has them: behind a window, by the number of samples.
  const tone = (samples, cycles) => {
    let [real, imaginary] = [0, 0];
    samples.forEach((sample, n) => {
      const turn = (2 * Math.PI * n) / samples.length;
      const seen = sample * (0.42 - 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn));
      real += seen * Math.cos(2 * Math.PI * cycles * n);
      imaginary += seen * Math.sin(2 * Math.PI * cycles * n);
    });
    return 20 * Math.log10(Math.hypot(real, imaginary) / samples.length);
  };

  // `place` is the test id of where to look: a person's tile, or the screen that someone shares.
  const video = (rawId, place) =>
    [...document.querySelectorAll(`[data-testid="${place}"]`)]
      .find((shown) => shown.dataset.rawId === rawId && !shown.hidden)
      ?.querySelector("video") ?? null;
  const numbers = new WeakMap();
  let next = 1;
  const number = (element) => {
    if (!numbers.has(element)) numbers.set(element, next++);
    return numbers.get(element);
  };
  const middle = (element) => {
    const canvas = new OffscreenCanvas(1, 1);
    const pen = canvas.getContext("2d");
    pen.drawImage(element, element.videoWidth / 2, element.videoHeight / 2, 1, 1, 0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };

  // Firefox counts the frames of streams under a name of its own.
  const shown = (element) => {
    const { totalVideoFrames, droppedVideoFrames } = element.getVideoPlaybackQuality();
    return element.mozPaintedFrames ?? totalVideoFrames - droppedVideoFrames;
  };

  // What is waited for at the moment: someone's frames and voice, both from now on.
  let wait = { seen: false, heard: false };
  const watch = (rawId, hertz) => {
    const mine = { seen: false, heard: false, element: null, frames: 0 };
    wait = mine;
    const timer = setInterval(() => {
      if (wait !== mine || (mine.seen && mine.heard)) return clearInterval(timer);
      mine.heard ||= heard().some((analyser) => level(analyser, hertz) > HEARD);
      const element = video(rawId, "tile");
      const frames = element?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
      if (element !== mine.element || frames < mine.frames)
        Object.assign(mine, { element, frames });
      else mine.seen ||= frames >= mine.frames + 2;
    }, 30);
  };

  const describe = (element) => ({
    element: number(element),
    frames: shown(element),
    width: element.videoWidth,
    height: element.videoHeight,
    colour: middle(element),
  });

  globalThis.probe = {
    watch,
    met: () => wait.seen && wait.heard,
    // The loudest a tone was, in decibels, among all that plays now, over some milliseconds.
    async loudness(hertz, milliseconds) {
      const found = await loudest(hertz, milliseconds);
      if (!isDeaf()) return found;
      return Math.max(
        -200,
        ...(await Promise.all(tracks().map((one) => recorded(one, hertz, 600)))),
      );
    },
    // Someone's picture: which element, how many frames it has shown, its middle's colour.
    picture(rawId, place) {
      const element = video(rawId, place);
      if (!element?.videoWidth) return null;
      return describe(element);
    },
    // On the call page: all pictures of others that are shown.
    others: () =>
      [...document.querySelectorAll("video")]
        .filter((element) => element.videoWidth > 0 && element.checkVisibility())
        .filter((element) => !element.closest('[data-ui-id="local-video-tile"]'))
        .map(describe),
    // How many of the tracks that the page opened are still live.
    live: () => captured.filter((track) => track.readyState === "live").length,
    // A small copy of someone's picture, as one text.
    copy(rawId, place) {
      const element = video(rawId, place);
      if (!element?.videoWidth) return null;
      const pen = new OffscreenCanvas(32, 18).getContext("2d");
      pen.drawImage(element, 0, 0, 32, 18);
      return String(pen.getImageData(0, 0, 32, 18).data);
    },
    // Through which speakers what plays is heard.
    sinks: () =>
      [...sounding]
        .filter((one) => one.srcObject?.getAudioTracks().length > 0 && !one.paused)
        .map((one) => one.sinkId),
    tiles() {
      return [...document.querySelectorAll('[data-testid="tile"]')].map((t) => ({ ...t.dataset }));
    },
  };
})();
