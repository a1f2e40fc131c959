// The upper way: the adapter that feeds the library's own pages, by its React hook, without the pages.
import { useAzureCommunicationCallAdapter } from "@azure/communication-react";
import { createElement, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { draw, find } from "./page.js";

export function useThroughAdapter(who) {
  const place = document.body.appendChild(document.createElement("div"));
  createRoot(place).render(createElement(Bridge, who));
}

function Bridge(who) {
  const adapter = useAzureCommunicationCallAdapter(who);
  useEffect(() => {
    if (adapter === undefined) return;
    prepare(adapter).catch(console.error);
  }, [adapter]);
  return null;
}

async function prepare(adapter) {
  const update = (state) => show(adapter, state);
  adapter.onStateChange(update);
  await adapter.askDevicePermission({ audio: true, video: true });
  const [camera] = await adapter.queryCameras();
  await adapter.setCamera(camera);
  // Before a call there is one view of the own camera, which belongs to none.
  await adapter.startCamera();
  find("join").onclick = () => {
    const call = adapter.joinCall({ microphoneOn: true, cameraOn: true });
    find("leave").onclick = () => call.hangUp();
  };
  find("join").disabled = false;
}

const asked = new Set();

function show(adapter, { call, devices }) {
  const own = devices.unparentedViews[0]?.view?.target;
  if (own !== undefined && !find("preview").contains(own)) find("preview").replaceChildren(own);
  if (call === undefined) return draw([], "None");
  const people = Object.entries(call.remoteParticipants).map(([rawId, person]) => {
    const stream = Object.values(person.videoStreams).find((one) => one.isAvailable);
    if (stream !== undefined && !asked.has(stream.id)) {
      asked.add(stream.id);
      adapter.createStreamView(rawId, { scalingMode: "Fit" });
    }
    return { rawId, displayName: person.displayName, target: stream?.view?.target };
  });
  return draw(people, call.state);
}
