// Joins a call and leaves it, as often as it is told, with everything that an app does in between.
import { AzureCommunicationTokenCredential } from "@azure/communication-common";
import { CallClient, Features, LocalVideoStream, VideoStreamRenderer } from "@openrooms/calling";

/** Who joins too often is refused; so long a round takes at least. */
const PACE_MS = 1_050;

// What was captured, without keeping it alive.
const captured = [];
const { getUserMedia } = navigator.mediaDevices;
navigator.mediaDevices.getUserMedia = async function (...asked) {
  const stream = await getUserMedia.apply(this, asked);
  captured.push(...stream.getTracks().map((track) => new WeakRef(track)));
  return stream;
};

let client;
let agent;
let devices;

async function enter(token) {
  await client?.dispose();
  client = new CallClient();
  devices = await client.getDeviceManager();
  agent = await client.createCallAgent(new AzureCommunicationTokenCredential(token), {});
}

/** Resolves when something holds, looked at now and after each event. */
function when(object, events, holds) {
  return new Promise((resolve) => {
    const look = () => {
      if (!holds()) return;
      for (const event of events) object.off(event, look);
      resolve();
    };
    for (const event of events) object.on(event, look);
    look();
  });
}

const isOver = (call) => call.state === "Disconnected";

async function meet(call) {
  await when(call, ["stateChanged"], () => call.state === "Connected" || isOver(call));
  if (isOver(call)) throw new Error(`refused: ${JSON.stringify(call.callEndReason)}`);
  await when(call, ["remoteParticipantsUpdated"], () => call.remoteParticipants.length > 0);
  const [other] = call.remoteParticipants;
  const isVideo = ({ mediaStreamType }) => mediaStreamType === "Video";
  await when(other, ["videoStreamsUpdated"], () => other.videoStreams.some(isVideo));
  const stream = other.videoStreams.find(isVideo);
  await when(stream, ["isAvailableChanged"], () => stream.isAvailable);
  return stream;
}

async function watch(stream) {
  const renderer = new VideoStreamRenderer(stream);
  const view = await renderer.createView();
  document.body.replaceChildren(view.target);
  const video = view.target.querySelector("video");
  await new Promise((done) => video.requestVideoFrameCallback(done));
  return renderer;
}

/** Listen as apps do, and never stop listening. */
function follow(call) {
  const nothing = () => undefined;
  for (const event of ["isMutedChanged", "roleChanged", "localVideoStreamsUpdated"])
    call.on(event, nothing);
  call.feature(Features.Capabilities).on("capabilitiesChanged", nothing);
  call.feature(Features.DominantSpeakers).on("dominantSpeakersChanged", nothing);
  call.feature(Features.UserFacingDiagnostics).network.on("diagnosticChanged", nothing);
}

/** One call. Every other one leaves its renderer undisposed, as many apps do. */
async function round(place, number) {
  const pace = new Promise((done) => setTimeout(done, PACE_MS));
  const [camera] = await devices.getCameras();
  const videoOptions = { localVideoStreams: [new LocalVideoStream(camera)] };
  const call = agent.join(place, { videoOptions });
  follow(call);
  const renderer = await watch(await meet(call));
  await call.mute();
  await call.unmute();
  if (number % 2 === 0) renderer.dispose();
  await call.hangUp();
  await when(call, ["stateChanged"], () => isOver(call));
  document.body.replaceChildren();
  await pace;
}

async function rounds(place, token, many) {
  // An agent made anew now and then, as by a page that signs in again.
  await enter(token);
  for (let number = 0; number < many; number += 1) await round(place, number);
}

globalThis.soak = {
  rounds,
  live: () => captured.filter((one) => one.deref()?.readyState === "live").length,
};
