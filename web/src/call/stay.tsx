/** Azure's call composite on our SDK, loaded once it is needed: from the view before the call to its end. */
import {
  type CallAdapter,
  type CallAdapterState,
  CallComposite,
  type CallCompositeOptions,
  darkTheme,
  lightTheme,
} from "@azure/communication-react";
import type { Call, CallAgent } from "@openrooms/calling";
import { useMemo, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";
import type { EndCode } from "../shared/reasons.js";
import { openLine } from "./adapter.js";
import { registerLocalIcons } from "./icons.js";
import { DARK, PHONE, useMediaQuery } from "./media-query.js";
import { News, newsOfEnd, newsOfEnding } from "./news.js";
import type { Phase } from "./page.js";
import { Strip } from "./strip.js";
import type { Visit } from "./visit.js";

/** Told how the stay goes. */
export interface StayListener {
  phase(phase: Phase, end?: EndCode): void;
  /** How the call is now, to be so again after a reload. */
  keep(how: Pick<Visit, "inCall" | "microphone" | "camera">): void;
}

/** A stay under way. */
export interface Stay {
  readonly root: HTMLElement;
  dispose(): void;
}

/** Open the line and put up the composite; rejects when the server does not let the user in. */
export async function openStay(visit: Visit, listener: StayListener): Promise<Stay> {
  registerLocalIcons();
  const { agent, adapter } = await openLine(visit.invitation);
  const news = new News();
  watchEndings(agent, news);
  const watch = watchState(
    {
      ...listener,
      phase: (phase, end) => {
        // The composite keeps the preview of who was not let in, and with it his camera.
        if (phase === "ended") void adapter.disposeLocalVideoStreamView();
        listener.phase(phase, end);
      },
    },
    news,
  );
  adapter.onStateChange(watch);
  const root = document.createElement("div");
  root.className = "stay";
  const react = createRoot(root);
  react.render(<Stage adapter={adapter} news={news} />);
  watch(adapter.getState());
  if (visit.inCall && visit.invitation.meeting.kind !== "direct") void comeBack(adapter, visit);
  return {
    root,
    dispose: () => {
      adapter.offStateChange(watch);
      react.unmount();
      adapter.dispose();
    },
  };
}

interface StageProps {
  readonly adapter: CallAdapter;
  readonly news: News;
}

function Stage({ adapter, news }: StageProps) {
  const phone = useMediaQuery(PHONE);
  const dark = useMediaQuery(DARK);
  const item = useSyncExternalStore(news.follow, news.item);
  const refused = useSyncExternalStore(news.follow, news.refused);
  const options = useMemo<CallCompositeOptions>(
    // Whoever was not let in has no call to rate.
    () => ({ surveyOptions: { disableSurvey: refused } }),
    [refused],
  );
  return (
    <>
      <Strip item={item} close={() => news.tell(undefined)} />
      <div className="composite">
        <CallComposite
          adapter={adapter}
          formFactor={phone ? "mobile" : "desktop"}
          fluentTheme={dark ? darkTheme : lightTheme}
          options={options}
        />
      </div>
    </>
  );
}

/** Warn when the service says that the call will end by time. */
function watchEndings(agent: CallAgent, news: News): void {
  const follow = (call: Call): void => {
    call.on("ending", (ending) => {
      news.tell(ending && newsOfEnding(ending.at, new Date()));
    });
  };
  agent.on("callsUpdated", ({ added }) => added.forEach(follow));
}

/** Follow the composite's state: what the page tells, keeps, and adds in words. */
function watchState(listener: StayListener, news: News): (state: CallAdapterState) => void {
  let before: Phase | undefined;
  let wasIn = false;
  return (state) => {
    // On its way out a call is over for a moment, and the page is not yet one of an end.
    if (state.call?.state === "Disconnected") return;
    const phase = phaseOf(state.page);
    if (phase === "connected") {
      wasIn = true;
      listener.keep({ inCall: true, ...devicesOf(state) });
    }
    if (phase === before) return;
    before = phase;
    const end = phase === "ended" ? endOf(state) : undefined;
    if (end !== undefined) news.markRefused(!wasIn);
    if (phase === "joining") wasIn = false;
    if (phase !== "connected") {
      listener.keep({ inCall: false, ...devicesOf(state) });
      news.tell(end && newsOfEnd(end));
    }
    listener.phase(phase, end);
  };
}

function phaseOf(page: CallAdapterState["page"]): Phase {
  switch (page) {
    case "configuration":
      return "ready";
    case "lobby":
      return "joining";
    case "call":
    case "hold":
    case "leaving":
    case "transferring":
    case "returningFromBreakoutRoom":
      return "connected";
    default:
      return "ended";
  }
}

function endOf({ endedCall }: CallAdapterState): EndCode {
  const { code = 0, subCode = 0 } = endedCall?.callEndReason ?? {};
  return { code, subCode };
}

function devicesOf({ call, cameraStatus }: CallAdapterState): Pick<Visit, "microphone" | "camera"> {
  return { microphone: call?.isMuted === false, camera: cameraStatus === "On" };
}

/** After a reload: in again, with microphone and camera as they were. */
async function comeBack(adapter: CallAdapter, { microphone, camera }: Visit): Promise<void> {
  const granted = await adapter.askDevicePermission({ audio: true, video: camera });
  if (camera && granted.video) await adapter.queryCameras();
  adapter.joinCall({
    microphoneOn: microphone && granted.audio,
    cameraOn: camera && granted.video,
  });
}
