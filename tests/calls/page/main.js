// Hands the SDK to a test: keeps what it made, hears its events, and shows the pictures of the others.
import { AzureCommunicationTokenCredential } from "@azure/communication-common";
import {
  CallClient,
  CommunicationServicesError,
  Features,
  LocalVideoStream,
  VideoStreamRenderer,
} from "@openrooms/calling";

const AsyncFunction = (async () => undefined).constructor;

const nameOf = ({ identifier }) => identifier.rawId ?? identifier.communicationUserId;

/** Everything that a test may touch from its snippets. */
const app = {
  Features,
  LocalVideoStream,
  VideoStreamRenderer,
  CallClient,
  client: undefined,
  /** What clients are made with. */
  options: {},
  devices: undefined,
  agent: undefined,
  call: undefined,
  incoming: undefined,
  camera: undefined,
  /** What draws the pictures of the others. */
  renderers: [],
  heard: [],

  /** A token as an app hands it in. */
  credential: (token) => new AzureCommunicationTokenCredential(token),

  async enter(token, displayName) {
    await app.leave();
    app.client = new CallClient(app.options);
    app.devices = await app.client.getDeviceManager();
    app.agent = await app.client.createCallAgent(app.credential(token), { displayName });
    app.agent.on("callsUpdated", ({ added, removed }) => {
      app.heard.push(`calls +${added.length} -${removed.length}`);
      added.forEach(follow);
    });
    app.agent.on("incomingCall", ({ incomingCall }) => {
      app.incoming = incomingCall;
      app.heard.push(`incoming from ${incomingCall.callerInfo.displayName}`);
      incomingCall.on("callEnded", ({ callEndReason: { code, subCode } }) =>
        app.heard.push(`incoming ended ${code}/${subCode}`),
      );
    });
  },

  async leave() {
    await app.client?.dispose();
    app.heard = [];
    app.renderers = [];
    app.call = undefined;
    app.incoming = undefined;
    document.body.replaceChildren();
  },

  /** A stream of the camera, made anew. */
  async newCamera(number = 0) {
    // Firefox names no camera before the person was asked.
    if ((await app.devices.getCameras()).length === 0)
      await app.devices.askDevicePermission({ audio: true, video: true });
    const cameras = await app.devices.getCameras();
    app.camera = new LocalVideoStream(cameras[number]);
    return app.camera;
  },

  other: () => app.call.remoteParticipants[0],
  capabilities: () => app.call.feature(Features.Capabilities).capabilities,
};

function follow(call) {
  app.call = call;
  document.body.replaceChildren();
  const hear = (words) => app.heard.push(words);
  call.on("stateChanged", () => hear(call.state));
  call.on("idChanged", () => hear("id"));
  call.on("roleChanged", () => hear(`role ${call.role}`));
  call.on("isMutedChanged", () => hear(`muted ${call.isMuted}`));
  call.on("ending", (ending) => hear(`ending ${ending?.reason}`));
  call.on("mutedByOthers", () => hear("muted by others"));
  call.on("isLocalVideoStartedChanged", () => hear(`video ${call.isLocalVideoStarted}`));
  call.on("isScreenSharingOnChanged", () => hear(`screen ${call.isScreenSharingOn}`));
  call.on("localVideoStreamsUpdated", ({ added, removed }) =>
    hear(`streams +${added.length} -${removed.length}`),
  );
  call.feature(Features.Capabilities).on("capabilitiesChanged", ({ reason }) => hear(reason));
  call.on("remoteParticipantsUpdated", ({ added, removed }) => {
    hear(`people +${added.length} -${removed.length}`);
    added.forEach(watch);
    for (const one of removed) document.getElementById(nameOf(one))?.remove();
  });
  call.remoteParticipants.forEach(watch);
}

function watch(participant) {
  const rawId = nameOf(participant);
  if (document.getElementById(rawId)) return;
  const place = document.body.appendChild(document.createElement("section"));
  place.id = rawId;
  participant.on("stateChanged", () => app.heard.push(`other ${participant.state}`));
  participant.on("isSpeakingChanged", () => app.heard.push(`speaking ${participant.isSpeaking}`));
  participant.on("roleChanged", () => app.heard.push(`other's role ${participant.role}`));
  const add = (stream) => {
    const tile = place.appendChild(document.createElement("div"));
    tile.dataset.testid = stream.mediaStreamType === "Video" ? "tile" : "share-tile";
    tile.dataset.rawId = rawId;
    stream.on("isAvailableChanged", () => void show(stream, tile));
    void show(stream, tile);
  };
  participant.videoStreams.forEach(add);
  participant.on("videoStreamsUpdated", ({ added }) => added.forEach(add));
}

async function show(stream, tile) {
  tile.hidden = !stream.isAvailable;
  if (!stream.isAvailable) return tile.replaceChildren();
  const renderer = new VideoStreamRenderer(stream);
  app.renderers.push(renderer);
  const view = await renderer.createView().catch(() => undefined);
  if (view) tile.replaceChildren(view.target);
}

const seen = (participant) => ({
  rawId: nameOf(participant),
  name: participant.displayName ?? "",
  state: participant.state,
  role: participant.role,
  muted: participant.isMuted,
  speaking: participant.isSpeaking,
  endpoints: participant.endpointDetails.length,
  streams: participant.videoStreams.map((stream) => ({
    id: stream.id,
    type: stream.mediaStreamType,
    available: stream.isAvailable,
    receiving: stream.isReceiving,
  })),
});

const verdict = (reason) =>
  reason && {
    numbers: `${reason.code}/${reason.subCode}`,
    categories: reason.resultCategories ?? [],
  };

/** The call as an app sees it, in values. */
function look() {
  const { call } = app;
  if (!call) return null;
  return {
    id: call.id,
    state: call.state,
    role: call.role,
    direction: call.direction,
    muted: call.isMuted,
    video: call.isLocalVideoStarted,
    sharing: call.isScreenSharingOn,
    streams: call.localVideoStreams.length,
    others: call.remoteParticipants.map(seen),
    end: verdict(call.callEndReason) ?? null,
    calls: app.agent.calls.length,
  };
}

/** Run a snippet as an app would, with `app` and `it`; what it throws comes back in values. */
async function run(snippet, it) {
  try {
    return { value: (await new AsyncFunction("app", "it", snippet)(app, it)) ?? null };
  } catch (error) {
    const ours = error instanceof CommunicationServicesError;
    const { code, subCode, message } = error;
    return ours ? { error: { code, subCode, message } } : { crash: `${error.stack ?? error}` };
  }
}

const connections = [];
const Native = globalThis.RTCPeerConnection;
globalThis.RTCPeerConnection = class extends Native {
  constructor(...given) {
    super(...given);
    connections.push(this);
  }
};

/** How often a connection was lost, or could not be made, by what it is for. */
const lost = { agent: 0, signalling: 0 };
const NativeSocket = globalThis.WebSocket;
globalThis.WebSocket = class extends NativeSocket {
  constructor(address, ...given) {
    super(address, ...given);
    const isAgent = new URL(address).pathname.endsWith("/calling/v1/agent");
    this.addEventListener("close", ({ wasClean }) => {
      if (!wasClean) lost[isAgent ? "agent" : "signalling"] += 1;
    });
  }
};

/** The relays that each connection may take. */
const relays = () => connections.map((one) => one.getConfiguration().iceServers);

/** The tracks that are sent now. */
function tracks() {
  const open = connections.filter(({ connectionState }) => connectionState !== "closed");
  const senders = open.flatMap((connection) => connection.getSenders());
  return senders.flatMap(({ track }) => (track?.readyState === "live" ? [track] : []));
}

/** The same by the names of their devices. */
const sent = () => tracks().map(({ label }) => label);

/** How many sizes of the own picture are sent now. */
function sizes() {
  const senders = connections.flatMap((connection) => connection.getSenders());
  const pictures = senders.filter(({ track }) => track?.kind === "video");
  const all = pictures.flatMap((sender) => sender.getParameters().encodings);
  return all.filter(({ active }) => active !== false).length;
}

function whenSent(label, done) {
  if (sent().includes(label)) done(true);
  else setTimeout(whenSent, 20, label, done);
}

/** How each open connection is encrypted: state, the cipher of media, the version of TLS. */
async function ciphers() {
  const open = connections.filter(({ connectionState }) => connectionState === "connected");
  const reports = await Promise.all(open.map((connection) => connection.getStats()));
  return reports
    .flatMap((report) => [...report.values()])
    .filter(({ type }) => type === "transport")
    .map(({ dtlsState, srtpCipher, tlsVersion }) => [dtlsState, srtpCipher, tlsVersion]);
}

/** What asks the sender of a picture for a whole one, again and again, whatever is lost. */
const ASKING = `
  onrtctransform = ({ transformer }) => {
    transformer.readable.pipeTo(transformer.writable);
    const ask = () => transformer.sendKeyFrameRequest().catch(() => undefined);
    setInterval(() => { for (let n = 0; n < 10; n += 1) ask(); }, 10);
  };
`;

/** From now on ask for whole pictures a thousand times a second, for every picture received. */
function askForPictures() {
  const receivers = connections.flatMap((connection) => connection.getReceivers());
  const pictures = receivers.filter(({ track }) => track.kind === "video");
  for (const receiver of pictures) {
    const worker = new Worker(URL.createObjectURL(new Blob([ASKING])));
    receiver.transform = new RTCRtpScriptTransform(worker);
  }
  return pictures.length;
}

/** How often whole pictures were asked for: of this browser as it sends, by it as it receives. */
async function pictureRequests() {
  const reports = await Promise.all(connections.map((connection) => connection.getStats()));
  const all = reports.flatMap((report) => [...report.values()]);
  const sum = (kind) =>
    all.filter(({ type }) => type === kind).reduce((so, one) => so + (one.pliCount ?? 0), 0);
  return { got: sum("outbound-rtp"), sent: sum("inbound-rtp") };
}

globalThis.harness = {
  askForPictures,
  pictureRequests,
  sent,
  sizes,
  tracks,
  whenSent,
  ciphers,
  run,
  look,
  lost: () => ({ ...lost }),
  relays,
  heard: () => [...app.heard],
};
