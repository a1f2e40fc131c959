/** A call in which all kinds of things happen. */
import type { Call } from "../../src/api/call.js";
import { Features } from "../../src/features/features.js";
import { LocalAudioStream } from "../../src/streams/local-audio-stream.js";
import type { LocalVideoStream } from "../../src/streams/local-video-stream.js";
import type { Bench } from "./bench.js";
import { settled } from "./clock.js";
import { capabilitiesOf, leg } from "./joined.js";

/** What the person has in hands: a call, and a stream of the first camera. */
export interface Hands {
  readonly call: Call;
  readonly picture: LocalVideoStream;
}

const BO = "8:acs:resource_bo";

/** A message of a data channel. */
function dataOf(sequence: number): object {
  const from = { callId: "call-1", participantId: "p-1", rawId: BO };
  const channel = { channelId: 7, session: 1, sequence, reliability: "Durable" };
  return { ...from, ...channel, data: "AAE=" };
}

/** Both ends of data channels. */
export async function channelsOf(
  bench: Bench,
  call: Call,
): Promise<Record<"sender" | "receiver", object>> {
  const channels = call.feature(Features.DataChannel);
  const created = new Promise<object>((resolve) => {
    channels.on("dataChannelReceiverCreated", resolve);
  });
  bench.server.tell("data", dataOf(1));
  return { sender: channels.createDataChannelSender(), receiver: await created };
}

/** All kinds of things happen in a call. */
export async function happen(bench: Bench, { call, picture }: Hands): Promise<void> {
  await happenToUs(bench, { call, picture });
  await happenToOthers(bench, call);
}

async function happenToUs(bench: Bench, { call, picture }: Hands): Promise<void> {
  const [, desk] = await bench.devices.getCameras();
  const [, headset] = await bench.devices.getMicrophones();
  if (desk === undefined || headset === undefined) throw new Error("none");
  await call.unmute();
  await call.startVideo(picture);
  await picture.switchSource(desk);
  await call.startScreenSharing();
  await call.muteIncomingAudio();
  await bench.devices.selectMicrophone(headset);
  await call.startAudio(new LocalAudioStream(headset));
  call.stopAudio();
  bench.browser.plug(...bench.browser.devices.slice(0, 3));
  await settled();
  await call.stopScreenSharing();
}

async function happenToOthers(bench: Bench, call: Call): Promise<void> {
  const cy = { rawId: "8:acs:resource_cy", displayName: "Cy" };
  const { server, room } = bench;
  const of = { callId: "call-1" };
  server.tell("mutedByOthers", { ...of, participantId: "me-1", by: BO });
  const bo = leg("p-1", { displayName: "Bo", role: "Presenter", state: "hold" });
  server.tell("legsChanged", { ...of, changed: [bo, leg("p-2", cy)], removed: [], ends: {} });
  const mediaAccess = { audio: false, video: true, others: [] };
  server.tell("featuresChanged", { ...of, hands: [BO], spotlights: [BO], mediaAccess });
  server.tell("data", dataOf(2));
  server.tell("data", { ...dataOf(1), channelId: 8 });
  const text = { participantId: "p-1", rawId: BO, displayName: "Bo", sequence: 1, text: "Hi" };
  server.tell("text", { ...of, ...text, final: true });
  server.tell("reaction", { ...of, rawId: BO, reactionType: "like" });
  await bench.until(() => call.remoteParticipants.length === 2);
  const own = { ...of, participantId: "me-1", role: "Attendee", reason: "RoleChanged" };
  server.tell("roleChanged", { ...own, capabilities: capabilitiesOf("Attendee") });
  const why = { code: 487, subCode: 0, message: "gone" };
  server.tell("incomingEnded", { participantId: "me-9", ...why });
  await bench.until(() => call.role === "Attendee");
  room.listener.onSpeakers([]);
  room.receive({ sender: `${BO}~p-1`, source: "camera", muted: true });
  server.tell("legsChanged", { ...of, changed: [], removed: ["p-1"], ends: {} });
  await bench.until(() => call.remoteParticipants.length === 1);
}
