/** An app as a customer writes it against the vendor's package, with everything typed. */
import {
  type Call,
  type CallAgent,
  type CallAgentOptions,
  CallClient,
  type CallEndReason,
  type LocalVideoStream as Camera,
  type CreateViewOptions,
  type DeviceManager,
  Features,
  LocalVideoStream,
  type RemoteParticipant,
  type RemoteVideoStream,
  type RoomCallLocator,
  type VideoDeviceInfo,
  VideoStreamRenderer,
  type VideoStreamRendererView,
} from "@azure/communication-calling";
import { BackgroundBlurEffect } from "@azure/communication-calling-effects";
import {
  AzureCommunicationTokenCredential,
  isCommunicationUserIdentifier,
} from "@azure/communication-common";

const FIT: CreateViewOptions = { scalingMode: "Fit" };
const invitation = new URLSearchParams(location.hash.slice(1));

function find<E extends HTMLElement>(testId: string): E {
  const found = document.querySelector<E>(`[data-testid="${testId}"]`);
  if (found === null) throw new Error(`The page has no ${testId}`);
  return found;
}

function given(name: string): string {
  return invitation.get(name) ?? "";
}

async function show(stream: Camera | RemoteVideoStream, place: HTMLElement): Promise<void> {
  const view: VideoStreamRendererView = await new VideoStreamRenderer(stream).createView(FIT);
  place.replaceChildren(view.target);
}

function follow(participant: RemoteParticipant): void {
  const { identifier, displayName, videoStreams } = participant;
  const tile = document.createElement("div");
  tile.dataset["testid"] = "tile";
  tile.dataset["name"] = displayName ?? "";
  if (isCommunicationUserIdentifier(identifier)) {
    tile.dataset["rawId"] = identifier.communicationUserId;
  }
  document.getElementById("others")?.append(tile);
  const watch = (stream: RemoteVideoStream): void => {
    const update = (): void => {
      if (stream.isAvailable) show(stream, tile).catch(console.error);
    };
    stream.on("isAvailableChanged", update);
    update();
  };
  videoStreams.forEach(watch);
  participant.on("videoStreamsUpdated", ({ added }) => added.forEach(watch));
}

function tell(reason: CallEndReason | undefined): void {
  const told = find("end-reason");
  told.dataset["code"] = String(reason?.code ?? "");
  told.dataset["subCode"] = String(reason?.subCode ?? "");
  told.hidden = false;
}

async function join(camera: Camera): Promise<void> {
  const credential = new AzureCommunicationTokenCredential(given("token"));
  const options: CallAgentOptions = { displayName: given("name") };
  const agent: CallAgent = await new CallClient().createCallAgent(credential, options);
  const locator: RoomCallLocator = { roomId: given("room") };
  const call: Call = agent.join(locator, { videoOptions: { localVideoStreams: [camera] } });
  call.on("remoteParticipantsUpdated", ({ added }) => added.forEach(follow));
  call.remoteParticipants.forEach(follow);
  call.on("stateChanged", () => {
    find("leave").hidden = call.state !== "Connected";
    if (call.state === "Disconnected") tell(call.callEndReason);
  });
  find("leave").onclick = (): Promise<void> => call.hangUp({ forEveryone: false });
}

async function begin(): Promise<void> {
  const devices: DeviceManager = await new CallClient().getDeviceManager();
  await devices.askDevicePermission({ audio: true, video: true });
  const device: VideoDeviceInfo | undefined = (await devices.getCameras())[0];
  if (device === undefined) throw new Error("no camera");
  const camera = new LocalVideoStream(device);
  const effects = camera.feature(Features.VideoEffects);
  const blurs: boolean = await effects.isSupported(new BackgroundBlurEffect());
  find("preview").dataset["blur"] = String(blurs);
  await show(camera, find("preview"));
  const button = find<HTMLButtonElement>("join");
  button.onclick = (): Promise<void> => join(camera);
  button.disabled = false;
}

begin().catch(console.error);
