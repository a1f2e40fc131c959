/** How errors of clients, agents and calls come about. */
import type { Call, RoomCallLocator } from "../../src/api/call.js";
import { CallClient } from "../../src/client.js";
import { Features } from "../../src/features/features.js";
import { NotPermitted } from "../../src/media/port.js";
import { LocalVideoStream } from "../../src/streams/local-video-stream.js";
import { benchFor } from "../fakes/agent.js";
import type { Bench } from "../fakes/bench.js";
import { directJoined, joined, leg, ring } from "../fakes/joined.js";
import { FakeCredential, userToken } from "../fakes/token.js";
import type { Way } from "./row.js";

const BO = { communicationUserId: "8:acs:resource_bo" };
const FRONT = { id: "camera:front", name: "Front", deviceType: "UsbCamera" } as const;
const MUTED = { audioOptions: { muted: true } };

const camera = (): LocalVideoStream => new LocalVideoStream(FRONT);

async function over(bench: Bench): Promise<Call> {
  const call = await bench.connect(MUTED);
  await call.hangUp();
  return call;
}

async function refusedHold(bench: Bench, op: "hold" | "resume"): Promise<void> {
  const call = await bench.connect(MUTED);
  if (op === "resume") {
    const holding = call.hold();
    (await bench.server.next("hold")).answer({});
    await holding;
  }
  const asked = call[op]();
  (await bench.server.next("hold")).refuse(412, 41090);
  await asked;
}

/** A call that rings here no more. */
async function declined(bench: Bench): ReturnType<typeof rung> {
  const incoming = await rung(bench);
  const ended = new Promise((resolve) => incoming.on("callEnded", resolve));
  bench.server.tell("incomingEnded", {
    ...{ participantId: "me-1", code: 487, subCode: 0, message: "Cancelled." },
  });
  await ended;
  return incoming;
}

async function rung(bench: Bench) {
  const ringing = new Promise<Parameters<Parameters<typeof bench.agent.on<"incomingCall">>[1]>[0]>(
    (resolve) => bench.agent.on("incomingCall", resolve),
  );
  bench.server.tell("incoming", ring());
  return (await ringing).incomingCall;
}

/** Ways of calls. */
export const ofCalls = (bench: () => Bench) =>
  ({
    agentTimeout: async () => {
      bench().server.silent.add("hello");
      const { socket, clock } = benchFor(bench().server);
      const starting = socket.start();
      const outcome = starting.catch((error: unknown) => error);
      while (bench().server.requests.filter(({ op }) => op === "hello").length < 2)
        await new Promise((resolve) => setImmediate(resolve));
      await clock.pass(15_000);
      throw await outcome;
    },
    serverAway: async () => {
      const call = await bench().connect(MUTED, joined("Presenter", [leg("p-1")]));
      bench().server.drop();
      await bench().until(() => bench().agent.connectionState === "Disconnected");
      await call.feature(Features.RaiseHand).raiseHand();
    },
    agentFailed: () => {
      const credential = new FakeCredential([userToken({ skypeid: "acs:resource_ada" })]);
      return new CallClient().createCallAgent(credential);
    },
    agentExists: async () => {
      const client = new CallClient();
      const credential = { getToken: () => new Promise<never>(() => undefined), dispose() {} };
      void client.createCallAgent(credential);
      await client.createCallAgent(credential);
    },
    tokenRefused: () => new CallClient().createCallAgent(new FakeCredential(["garbage"])),
    notRinging: async () => (await declined(bench())).accept(),
    notRejectable: async () => (await declined(bench())).reject(),
    muteFailed: async () => {
      const call = await bench().connect(MUTED);
      const { room } = bench();
      const publish = room.publish.bind(room);
      room.publish = async (...what) => ({
        ...(await publish(...what)),
        setMuted: () => Promise.reject(new NotPermitted()),
      });
      await call.unmute();
      await call.mute();
    },
    badVideoStream: async () => {
      const call = await bench().connect(MUTED);
      await call.startVideo({} as LocalVideoStream);
    },
    videoStarted: async () => {
      const call = await bench().connect(MUTED);
      await call.startVideo(camera());
      await call.startVideo(camera());
    },
    videoStopped: async () => (await bench().connect(MUTED)).stopVideo(camera()),
    otherVideoStream: async () => {
      const call = await bench().connect(MUTED);
      await call.startVideo(camera());
      await call.stopVideo(new LocalVideoStream({ ...FRONT, id: "camera:desk" }));
    },
    holdFailed: () => refusedHold(bench(), "hold"),
    resumeFailed: () => refusedHold(bench(), "resume"),
    shareStarted: async () => {
      const call = await bench().connect(MUTED);
      await call.startScreenSharing();
      await call.startScreenSharing();
    },
    shareStopped: async () => (await bench().connect(MUTED)).stopScreenSharing(),
    shareTooEarly: () => bench().join().startScreenSharing(),
    notInCall: async () => {
      const call = await bench().connect(MUTED, directJoined());
      await call.removeParticipant(BO);
    },
    accessTooEarly: () => bench().join().feature(Features.MediaAccess).forbidOthersAudio(),
    roleRestricted: async () => (await bench().connect(MUTED, joined("Consumer"))).unmute(),
    microphonesFull: async () => {
      const call = await bench().connect(MUTED);
      bench().room.isFull = true;
      await call.unmute();
    },
    featureNotSupported: async () => {
      const call = await bench().connect(MUTED);
      await call.feature(Features.Transfer).transfer({ targetParticipant: BO });
    },
    badLocator: () => bench().agent.join({} as RoomCallLocator),
    badGroupId: () => bench().agent.join({ groupId: "g" }),
    joinedAlready: async () => {
      await bench().connect(MUTED);
      bench().join();
    },
    agentDisposed: async () => {
      await bench().agent.dispose();
      bench().join();
    },
    notForEveryone: async () => {
      const call = await bench().connect(MUTED);
      await call.hangUp({ forEveryone: true });
    },
    callEnded: async () => (await over(bench())).startVideo(camera()),
    badIdentifier: () => bench().agent.startCall([]),
    notConnected: () => bench().join().hold(),
    badInterval: async () => {
      const stats = (await bench().connect(MUTED)).feature(Features.MediaStats);
      stats.createCollector({ aggregationInterval: 0 });
    },
    badSurvey: async () => {
      const survey = (await bench().connect(MUTED)).feature(Features.CallSurvey);
      await survey.submitSurvey({ overallRating: { score: 99 } });
    },
    badContext: () =>
      bench().agent.startCall([BO], { customContext: { userToUser: "x".repeat(2_000) } }),
    phonesUnsupported: () => bench().agent.startCall([{ phoneNumber: "+15550100" }]),
    badReaction: async () => {
      const reactions = (await bench().connect(MUTED)).feature(Features.Reaction);
      await reactions.sendReaction({ reactionType: "shrug" as "like" });
    },
    badConstraints: async () => {
      const call = await bench().connect(MUTED);
      await call.setConstraints({ video: { send: { bitrate: { max: -1 } } } });
    },
  }) as const satisfies Record<string, Way>;

/** What the server refuses comes with its own numbers. */
export const ofServer = (bench: () => Bench) => {
  const refused = async (code: number, subCode: number): Promise<void> => {
    const call = await bench().connect(MUTED, joined("Presenter", [leg("p-1")]));
    const asked = call.feature(Features.MediaAccess).forbidAudio([BO]);
    (await bench().server.next("mediaAccess")).refuse(code, subCode);
    await asked;
  };
  return {
    "403/46502": () => refused(403, 46502),
    "403/46504": () => refused(403, 46504),
  } as const satisfies Record<string, Way>;
};
