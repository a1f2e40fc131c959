// Joins calls by our SDK and rooms by livekit-client alone, and tells how long it took to see somebody.
import { AzureCommunicationTokenCredential } from "@azure/communication-common";
import { CallClient, LocalVideoStream, VideoStreamRenderer } from "@openrooms/calling";
import { AudioPresets, Room, RoomEvent, Track } from "livekit-client";

/** What our SDK sets, too: how media is sent and received is to be the same. */
const SETTINGS = {
  adaptiveStream: true,
  dynacast: true,
  publishDefaults: { audioPreset: AudioPresets.speech, forceStereo: false },
};

let devices;
let agent;

async function enter(token) {
  const client = new CallClient();
  devices = await client.getDeviceManager();
  await devices.askDevicePermission({ audio: true, video: true });
  agent = await client.createCallAgent(new AzureCommunicationTokenCredential(token));
}

/** Resolves with what is looked for, looked at now and after each event. */
function when(object, event, look) {
  return new Promise((resolve) => {
    const check = () => {
      const found = look();
      if (!found) return;
      object.off(event, check);
      resolve(found);
    };
    object.on(event, check);
    check();
  });
}

/** Resolves when the first frame is there. */
const frame = (video) => new Promise((resolve) => video.requestVideoFrameCallback(resolve));

// -- by our SDK ---------------------------------------------------------------------------------

async function options(sends) {
  if (!sends) return { audioOptions: { muted: true } };
  const [camera] = await devices.getCameras();
  return { videoOptions: { localVideoStreams: [new LocalVideoStream(camera)] } };
}

const joinCall = async (place, sends) => agent.join(place, await options(sends));

async function shown(call) {
  const other = await when(call, "remoteParticipantsUpdated", () => call.remoteParticipants[0]);
  const stream = await when(other, "videoStreamsUpdated", () => other.videoStreams[0]);
  await when(stream, "isAvailableChanged", () => stream.isAvailable);
  const view = await new VideoStreamRenderer(stream).createView();
  document.body.append(view.target);
  return view.target.querySelector("video");
}

async function ours({ place, sends }) {
  const given = await options(sends);
  const start = performance.now();
  const call = agent.join(place, given);
  await frame(await shown(call));
  const took = performance.now() - start;
  await when(call, "stateChanged", () => call.state === "Connected");
  await call.hangUp();
  document.body.replaceChildren();
  return took;
}

// -- by livekit-client --------------------------------------------------------------------------

async function joinRoom(room, { url, token, sends }) {
  await room.connect(url, token);
  if (sends) await room.localParticipant.enableCameraAndMicrophone();
}

async function bare(by) {
  const room = new Room(SETTINGS);
  const start = performance.now();
  const seen = new Promise((resolve) => {
    room.on(RoomEvent.TrackSubscribed, (track) => {
      if (track.kind !== Track.Kind.Video) return;
      const video = track.attach();
      document.body.append(video);
      resolve(frame(video));
    });
  });
  const joined = joinRoom(room, by);
  await seen;
  const took = performance.now() - start;
  await joined;
  await room.disconnect();
  document.body.replaceChildren();
  return took;
}

/** Be there to be seen, in a call and in a room. */
async function stay({ place, url, token }) {
  const call = await joinCall(place, true);
  await when(call, "stateChanged", () => call.state === "Connected");
  await joinRoom(new Room(SETTINGS), { url, token, sends: true });
}

globalThis.joins = { enter, stay, ours, bare };
