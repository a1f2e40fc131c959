// An app as a customer writes it against the vendor's package; only package.json knows of us.
import { CallClient, LocalVideoStream, VideoStreamRenderer } from "@azure/communication-calling";
import { AzureCommunicationTokenCredential } from "@azure/communication-common";

const find = (testId) => document.querySelector(`[data-testid="${testId}"]`);
const invitation = new URLSearchParams(location.hash.slice(1));
const devices = await new CallClient().getDeviceManager();
await devices.askDevicePermission({ audio: true, video: true });
const [camera] = await devices.getCameras();
const mine = new LocalVideoStream(camera);

async function show(stream, place) {
  const view = await new VideoStreamRenderer(stream).createView({ scalingMode: "Fit" });
  place.replaceChildren(view.target);
}

function follow(participant) {
  const tile = document.createElement("div");
  tile.dataset.testid = "tile";
  tile.dataset.rawId = participant.identifier.communicationUserId;
  tile.dataset.name = participant.displayName ?? "";
  document.getElementById("others").append(tile);
  const watch = (stream) => {
    const update = () => (stream.isAvailable ? show(stream, tile) : tile.replaceChildren());
    stream.on("isAvailableChanged", update);
    if (stream.isAvailable) update();
  };
  participant.videoStreams.forEach(watch);
  participant.on("videoStreamsUpdated", ({ added }) => added.forEach(watch));
  return tile;
}

function tell({ code, subCode }) {
  const told = find("end-reason");
  told.dataset.code = code;
  told.dataset.subCode = subCode;
  told.textContent = `The call ended: ${code}/${subCode}`;
  told.hidden = false;
}

async function join() {
  const credential = new AzureCommunicationTokenCredential(invitation.get("token"));
  const agent = await new CallClient().createCallAgent(credential, {
    displayName: invitation.get("name"),
  });
  const call = agent.join(
    { roomId: invitation.get("room") },
    { videoOptions: { localVideoStreams: [mine] } },
  );
  const tiles = new Map();
  call.on("remoteParticipantsUpdated", ({ added, removed }) => {
    for (const one of added) tiles.set(one, follow(one));
    for (const one of removed) tiles.get(one)?.remove();
  });
  for (const one of call.remoteParticipants) tiles.set(one, follow(one));
  const update = () => {
    find("leave").hidden = call.state !== "Connected";
    if (call.state === "Disconnected") tell(call.callEndReason);
  };
  call.on("stateChanged", update);
  update();
  find("leave").onclick = () => call.hangUp();
}

find("join").onclick = () => join().catch(tell);
await show(mine, find("preview"));
find("join").disabled = false;
