// The lower way: the stateful client, which keeps a state of all that the SDK says.
import { LocalVideoStream, VideoStreamRenderer } from "@azure/communication-calling";
import { createStatefulCallClient } from "@azure/communication-react";
import { draw, find } from "./page.js";

export async function useStateful({ userId, credential, displayName, locator }) {
  const client = createStatefulCallClient({ userId });
  const devices = await client.getDeviceManager();
  await devices.askDevicePermission({ audio: true, video: true });
  const [camera] = await devices.getCameras();
  const mine = new LocalVideoStream(camera);
  find("preview").append((await new VideoStreamRenderer(mine).createView()).target);
  client.onStateChange((state) => show(client, state));
  find("join").onclick = async () => {
    const agent = await client.createCallAgent(credential, { displayName });
    const call = agent.join(locator, { videoOptions: { localVideoStreams: [mine] } });
    find("leave").onclick = () => call.hangUp();
  };
  find("join").disabled = false;
}

const asked = new Set();

function show(client, { calls }) {
  const [call] = Object.values(calls);
  if (call === undefined) return draw([], "None");
  const people = Object.entries(call.remoteParticipants).map(([rawId, person]) => {
    const stream = Object.values(person.videoStreams).find((one) => one.isAvailable);
    if (stream !== undefined && !asked.has(stream.id)) {
      asked.add(stream.id);
      client.createView(call.id, person.identifier, stream, { scalingMode: "Fit" });
    }
    return { rawId, displayName: person.displayName, target: stream?.view?.target };
  });
  return draw(people, call.state);
}
