// Joins calls by our SDK and rooms by livekit-client alone, and tells when what was there until somebody was heard.
import { AzureCommunicationTokenCredential } from "@azure/communication-common";
import { CallClient } from "@openrooms/calling";
import { AudioPresets, Room } from "livekit-client";

/** What our SDK sets, too: how media is received is to be the same. */
const SETTINGS = {
  adaptiveStream: true,
  dynacast: true,
  publishDefaults: { audioPreset: AudioPresets.speech, forceStereo: false },
};

// -- what the browser does, whoever asks it to ----------------------------------------------------

let marks = {};
let begun = 0;
let heard = () => {};

/** Note when something was there for the first time since the join. */
function note(name) {
  if (begun > 0) marks[name] ??= performance.now() - begun;
}

const Socket = globalThis.WebSocket;
globalThis.WebSocket = class extends Socket {
  constructor(...given) {
    super(...given);
    // The agent socket is there before a join; the other one leads to media.
    const isFresh = begun > 0;
    this.addEventListener("open", () => isFresh && note("signalling open"));
    this.addEventListener("message", () => note(isFresh ? "engine's answer" : "let in"));
  }
};
const Connection = globalThis.RTCPeerConnection;
globalThis.RTCPeerConnection = class extends Connection {
  constructor(...given) {
    super(...given);
    this.addEventListener("iceconnectionstatechange", () => {
      if (this.iceConnectionState === "connected") note("ICE");
    });
    this.addEventListener("connectionstatechange", () => {
      if (this.connectionState === "connected") note("DTLS");
    });
    this.addEventListener("track", ({ track }) => {
      if (track.kind !== "audio") return;
      const sounds = () => {
        note("first sound");
        heard();
      };
      // It is muted until its first packet is there.
      if (track.muted) track.addEventListener("unmute", sounds, { once: true });
      else sounds();
    });
  }
  setRemoteDescription(...given) {
    note("description");
    return super.setRemoteDescription(...given);
  }
};

/** When what was there, in milliseconds from the join on; resolves with the first sound. */
async function measured(join) {
  marks = {};
  const first = new Promise((resolve) => {
    heard = resolve;
  });
  begun = performance.now();
  const end = join();
  await first;
  const told = marks;
  begun = 0;
  await end();
  return told;
}

// -- the two ways ---------------------------------------------------------------------------------

let agent;

async function enter(token) {
  const client = new CallClient();
  const devices = await client.getDeviceManager();
  await devices.askDevicePermission({ audio: true, video: false });
  agent = await client.createCallAgent(new AzureCommunicationTokenCredential(token));
}

function connected(call) {
  return new Promise((resolve) => {
    const look = () => call.state === "Connected" && resolve();
    call.on("stateChanged", look);
    look();
  });
}

const ours = ({ place }) =>
  measured(() => {
    const call = agent.join(place, { audioOptions: { muted: true } });
    return async () => {
      await connected(call);
      await call.hangUp();
    };
  });

const bare = ({ url, token }) =>
  measured(() => {
    const room = new Room(SETTINGS);
    const there = room.connect(url, token);
    return async () => {
      await there;
      await room.disconnect();
    };
  });

/** Be there to be heard, in a call and in a room. */
async function stay({ place, url, token }) {
  await connected(agent.join(place, {}));
  const room = new Room(SETTINGS);
  await room.connect(url, token);
  await room.localParticipant.setMicrophoneEnabled(true);
}

globalThis.voices = { enter, stay, ours, bare };
