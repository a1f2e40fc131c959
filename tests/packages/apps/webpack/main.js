// An app of the older kind, written against the vendor's packages: CommonJS and callbacks.
const {
  CallClient,
  Features,
  LocalVideoStream,
  VideoStreamRenderer,
} = require("@azure/communication-calling");
const { BackgroundBlurEffect } = require("@azure/communication-calling-effects");
const { AzureCommunicationTokenCredential } = require("@azure/communication-common");
const { setLogLevel } = require("@azure/logger");

setLogLevel("warning");
const invitation = new URLSearchParams(location.hash.slice(1));
const client = new CallClient();
let camera;

function find(testId) {
  return document.querySelector(`[data-testid="${testId}"]`);
}

function show(stream, place) {
  return new VideoStreamRenderer(stream)
    .createView({ scalingMode: "Fit" })
    .then((view) => place.replaceChildren(view.target));
}

function addTile(participant) {
  const tile = document.createElement("div");
  tile.dataset.testid = "tile";
  tile.dataset.rawId = participant.identifier.communicationUserId;
  tile.dataset.name = participant.displayName ?? "";
  document.getElementById("others").append(tile);
  function watch(stream) {
    function update() {
      if (stream.isAvailable) show(stream, tile);
    }
    stream.on("isAvailableChanged", update);
    update();
  }
  participant.videoStreams.forEach(watch);
  participant.on("videoStreamsUpdated", (event) => event.added.forEach(watch));
}

function follow(call) {
  call.on("remoteParticipantsUpdated", (event) => event.added.forEach(addTile));
  call.remoteParticipants.forEach(addTile);
  call.on("stateChanged", () => {
    find("leave").hidden = call.state !== "Connected";
  });
  find("leave").onclick = () => call.hangUp();
}

find("join").onclick = () => {
  const credential = new AzureCommunicationTokenCredential(invitation.get("token"));
  const options = { displayName: invitation.get("name") };
  client
    .createCallAgent(credential, options)
    .then((agent) =>
      agent.join(
        { roomId: invitation.get("room") },
        { videoOptions: { localVideoStreams: [camera] } },
      ),
    )
    .then(follow)
    .catch(console.error);
};

client
  .getDeviceManager()
  .then((devices) =>
    devices.askDevicePermission({ audio: true, video: true }).then(() => devices.getCameras()),
  )
  .then((cameras) => {
    camera = new LocalVideoStream(cameras[0]);
    return camera.feature(Features.VideoEffects).isSupported(new BackgroundBlurEffect());
  })
  .then((supported) => {
    find("preview").dataset.blur = String(supported);
    return show(camera, find("preview"));
  })
  .then(() => {
    find("join").disabled = false;
  })
  .catch(console.error);
