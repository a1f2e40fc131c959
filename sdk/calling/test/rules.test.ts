/** What clients in use count on from every object of the SDK, found by walking from one to the next. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import type { IncomingCall } from "../src/api/agent.js";
import type { Call } from "../src/api/call.js";
import {
  CallClient,
  CommunicationServicesError,
  Features,
  LocalAudioStream,
  LocalVideoStream,
  VideoStreamRenderer,
} from "../src/index.js";
import { Bench } from "./fakes/bench.js";
import { settled } from "./fakes/clock.js";
import { isUpdated, listen, namesByKind, snapshot } from "./fakes/events.js";
import { EVENTS, featureOf, freeze, type Graph, methods, readable, walk } from "./fakes/graph.js";
import { joined, leg, ring } from "./fakes/joined.js";
import { FakeServer } from "./fakes/server.js";
import { channelsOf, type Hands, happen } from "./fakes/story.js";
import { FakeCredential } from "./fakes/token.js";

const BO = "8:acs:resource_bo";

let bench: Bench;
let client: CallClient;
let other: FakeServer;
let reported: unknown[];

beforeEach(async () => {
  bench = await Bench.start();
  other = await FakeServer.start();
  reported = [];
  vi.stubGlobal("WebSocket", WebSocket);
  vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
  vi.stubGlobal("document", { createElement: newElement });
  client = new CallClient();
});

afterEach(async () => {
  await client.dispose();
  await other.stop();
  await bench.stop();
});

/** As much of an element as a view touches. */
function newElement(): object {
  const ignore = (): void => undefined;
  const element = { style: {}, append: ignore, remove: ignore, addEventListener: ignore };
  return Object.assign(new EventTarget(), element, { play: async () => undefined });
}

/** A call with somebody in it who shows himself and speaks. */
async function connect(): Promise<Call> {
  const call = await bench.connect(
    { audioOptions: { muted: true } },
    joined("Presenter", [leg("p-1")]),
  );
  const sender = `${BO}~p-1`;
  bench.room.receive({ sender, source: "camera" }, { sender, source: "microphone" });
  bench.room.listener.onFeeds();
  bench.room.listener.onSpeakers([sender]);
  return call;
}

async function ringing(): Promise<IncomingCall> {
  const arrived = new Promise<IncomingCall>((resolve) => {
    bench.agent.on("incomingCall", ({ incomingCall }) => resolve(incomingCall));
  });
  bench.server.tell("incoming", ring("me-9"));
  return arrived;
}

/** Everything that an app can have in its hands. */
async function roots(): Promise<Record<string, object> & Hands> {
  const call = await connect();
  const [camera] = await bench.devices.getCameras();
  const [microphone] = await bench.devices.getMicrophones();
  if (camera === undefined || microphone === undefined) throw new Error("There are devices.");
  const picture = new LocalVideoStream(camera);
  const renderer = new VideoStreamRenderer(picture);
  const view = await renderer.createView();
  const voice = new LocalAudioStream(microphone);
  const [agent, devices, incoming] = [bench.agent, bench.devices, await ringing()];
  const teller = await client.createCallAgent(new FakeCredential([other.token("cy")]));
  const channels = await channelsOf(bench, call);
  return {
    client,
    teller,
    call,
    agent,
    devices,
    incoming,
    picture,
    voice,
    renderer,
    view,
    ...channels,
  };
}

const live = async (): Promise<Graph> => walk(await roots());
const names = ({ live: found }: Graph): string[] => [...found.values()];
const each = (graph: Graph): [object, string][] => [...graph.live];

describe("the walk", () => {
  test("finds the objects that apps know, and their features", async () => {
    const found = names(await live());

    expect(found).toEqual(
      expect.arrayContaining([
        "client.feature(DebugInfo)",
        "call.info",
        "call.lobby",
        "call.localAudioStreams.0",
        "call.remoteAudioStreams.0",
        "call.remoteParticipants.0",
        "call.remoteParticipants.0.videoStreams.0",
        "call.feature(Captions).captions",
        "call.feature(UserFacingDiagnostics).network",
        "picture.feature(VideoEffects)",
        "voice.feature(AudioEffects)",
        "incoming.info",
        "view",
        "sender",
        "receiver",
      ]),
    );
    for (const name of Object.keys(Features).filter((one) => !one.endsWith("Effects"))) {
      expect(found).toContain(`${name === "DebugInfo" ? "client" : "call"}.feature(${name})`);
    }
  });
});

describe("rule 1: wrapped in a proxy", () => {
  test("every property reads as on the object itself", async () => {
    for (const [object, name] of each(await live())) {
      const wrapped = new Proxy(object, {});
      for (const property of readable(object)) {
        const value: unknown = Reflect.get(wrapped, property);
        expect(value, `${name}.${property}`).toEqual(Reflect.get(object, property));
      }
    }
  });

  test("every method works, and says what is wrong with a code when it is given nothing", async () => {
    const failures: [string, unknown][] = [];
    const graph = await live();
    const last = /^(hangUp|dispose|accept|reject)$/;
    const calls = each(graph).flatMap(([object, name]) =>
      methods(object).map((method) => ({ object: new Proxy(object, {}), name, method })),
    );
    const ordered = [
      ...calls.filter(({ method }) => !last.test(method)),
      ...calls.filter(({ method }) => last.test(method)),
    ];

    for (const { object, name, method } of ordered) {
      const act = async (): Promise<unknown> => Reflect.get(object, method).call(object);
      act().catch((error: unknown) => failures.push([`${name}.${method}()`, error]));
      await settled();
    }
    await settled();

    const strange = failures.filter(([, error]) => !(error instanceof CommunicationServicesError));
    expect(ordered.length).toBeGreaterThan(150);
    expect(strange).toEqual([]);
  });
});

describe("rule 2: more properties", () => {
  const extras = [
    ...["getState", "onStateChange", "offStateChange", "createView", "disposeView"],
    ...["unsubscribe", "selectCamera", "getUnparentedVideoStreams"],
  ];

  test("may be defined on every object", async () => {
    const stuck = each(await live()).flatMap(([object, name]) =>
      extras
        .filter((extra) => !(extra === "createView" && name === "renderer"))
        .filter((extra) => extra in object || !defines(object, extra))
        .map((extra) => `${name}.${extra}`),
    );

    expect(stuck).toEqual([]);
  });

  function defines(object: object, extra: string): boolean {
    return Reflect.defineProperty(object, extra, { value: () => undefined, configurable: true });
  }
});

describe("rule 3: plain values", () => {
  test("may be frozen, all of them, and everything goes on", async () => {
    const all = await roots();
    const graph = await walk(all);
    for (const [, plain] of graph.plain) freeze(plain);
    listen(graph, (_where, args) => args.forEach(freeze));

    await happen(bench, all);
    for (const [, plain] of (await walk(all)).plain) freeze(plain);
    await all.call.hangUp();

    expect(all.call.callEndReason).toMatchObject({ code: 0, subCode: 0 });
    expect(all.call.remoteParticipants.map(({ displayName }) => displayName)).toEqual(["Cy"]);
    expect(reported).toEqual([]);
  });

  test("are no state of ours: two looks give two objects", async () => {
    const all = await roots();
    const before = new Map((await walk(all)).plain);
    const shared = (await walk(all)).plain.filter(([way, plain]) => before.get(way) === plain);

    expect(shared.map(([way]) => way)).toEqual([]);
  });
});

describe("rule 4: infos", () => {
  test("keep their data and functions in a copy", async () => {
    const { call, incoming } = await roots();
    const copies = [call.info, (incoming as IncomingCall).info].map((info) =>
      Object.assign({}, info),
    );

    expect(copies.map(({ participantId }) => participantId)).toEqual(["me-1", "me-9"]);
    expect(await Promise.all(copies.map((copy) => copy.getServerCallId()))).toEqual([
      "server-call-1",
      "s-1",
    ]);
  });
});

describe("rule 5: identity", () => {
  test("every way leads to the same object each time", async () => {
    const all = await roots();
    const before = (await walk(all)).ways;
    const after = (await walk(all)).ways;

    const others = [...before].filter(([way, object]) => after.get(way) !== object);
    expect(others.map(([way]) => way)).toEqual([]);
  });

  test("what is removed is what was added", async () => {
    const heard: [string, unknown][] = [];
    bench.agent.on("callsUpdated", ({ added, removed }) => {
      for (const one of added) heard.push(["added", one]);
      for (const one of removed) heard.push(["removed", one]);
    });
    const call = await connect();
    await call.hangUp();

    expect(heard).toEqual([
      ["added", call],
      ["removed", call],
    ]);
    expect(heard[1]?.[1]).toBe(call);
  });
});

describe("rules 6 and 7: listeners", () => {
  test("of unknown events, and those that never were, are taken without a word", async () => {
    for (const [object] of each(await live())) {
      for (const event of [...EVENTS, "someday", "constructor", "__proto__"]) {
        call(object, "off", event);
        call(object, "on", event);
        call(object, "off", event);
      }
      call(object, "on", "stateChanged", "no function");
    }
    await bench.agent.calls[0]?.hangUp();

    expect(reported).toEqual([]);
  });

  test("that throw stop nobody, and are reported", async () => {
    const all = await roots();
    const graph = await walk(all);
    const heard = new Set<string>();
    listen(graph, () => {
      throw new Error("the app's own");
    });
    listen(graph, (where) => heard.add(where));

    await happen(bench, all);
    await all.call.hangUp();
    await settled();

    expect(all.call.state).toBe("Disconnected");
    expect(heard.size).toBeGreaterThan(20);
    expect(reported.length).toBeGreaterThanOrEqual(heard.size);
  });

  function call(object: object, method: "on" | "off", ...args: unknown[]): void {
    const act: unknown = Reflect.get(object, method);
    if (typeof act === "function") act.call(object, args[0], args[1] ?? (() => undefined));
  }
});

describe("rules 8, 9 and 12: events", () => {
  const WITH_DATA =
    /connectionState|displayName|audioSource|videoSource|capabilities|raised|lowered/;

  test("have the arguments of their kind, fire after the change, and name people by kind", async () => {
    const all = await roots();
    const graph = await walk(all);
    const before = snapshot(graph);
    const wrong: string[] = [];
    const heard = new Set<string>();
    listen(graph, (where, args, { object, event }) => {
      heard.add(event);
      if (!hasItsArguments(where, event, args)) wrong.push(`arguments of ${where}`);
      if (!isUpdated(object, event, before)) wrong.push(`${where} before the change`);
      for (const one of args) if (!namesByKind(one)) wrong.push(`identifiers of ${where}`);
    });

    await happen(bench, all);
    await all.call.hangUp();

    expect(wrong).toEqual([]);
    expect([...heard].sort()).toEqual(expect.arrayContaining(HEARD));
  });

  test("come from nowhere but their names: identifiers that are read are of a kind, too", async () => {
    const graph = await live();

    const nameless = graph.plain.filter(([, plain]) => !namesByKind(plain));
    expect(nameless.map(([way]) => way)).toEqual([]);
  });

  function hasItsArguments(where: string, event: string, args: readonly unknown[]): boolean {
    if (event.endsWith("Updated")) return bothLists(args[0]);
    const isFeature = where.includes("feature(");
    if (!event.endsWith("Changed") || isFeature) return true;
    return args.length === (WITH_DATA.test(event) ? 1 : 0);
  }

  function bothLists(update: unknown): boolean {
    if (typeof update !== "object" || update === null) return false;
    const lists = ["added", "removed"].map((name): unknown => Reflect.get(update, name));
    return lists.every(Array.isArray) && lists.flat().length > 0;
  }
});

const HEARD = [
  ...["callsUpdated", "stateChanged", "isMutedChanged", "roleChanged", "displayNameChanged"],
  ...["remoteParticipantsUpdated", "totalParticipantCountChanged", "capabilitiesChanged"],
  ...["localVideoStreamsUpdated", "isLocalVideoStartedChanged", "videoSourceChanged"],
  ...["isScreenSharingOnChanged", "isIncomingAudioMutedChanged", "localAudioStreamsUpdated"],
  ...["audioDevicesUpdated", "selectedMicrophoneChanged", "raisedHandEvent", "spotlightChanged"],
  ...["isSpeakingChanged", "isAvailableChanged", "dominantSpeakersChanged", "mutedByOthers"],
  ...["remoteAudioStreamsUpdated", "audioSourceChanged", "reaction", "callEnded"],
  ...["dataChannelReceiverCreated", "messageReady", "close", "realTimeTextReceived"],
];

describe("rule 10: errors", () => {
  test("are real errors that keep what they say when their properties are copied", () => {
    const error = new CommunicationServicesError(400, 41025, "words");

    expect(error).toBeInstanceOf(Error);
    expect({ ...error }).toMatchObject({ code: 400, subCode: 41025, name: error.name });
    expect(Object.hasOwn(error, "message")).toBe(true);
  });
});

describe("rule 11: calls in every state", () => {
  test("read, list their features and take listeners, from before the beginning to after the end", async () => {
    const call = bench.join();
    const seen: string[] = [];
    const features = new Map<string, unknown>();
    const look = async (): Promise<void> => {
      seen.push(call.state);
      const graph = await walk({ call });
      for (const [name, factory] of Object.entries(Features)) {
        const feature = featureOf(call, factory);
        expect(features.get(name) ?? feature, name).toBe(feature);
        features.set(name, feature);
      }
      const forget = listen(graph, () => undefined);
      forget();
    };

    await look();
    const request = await bench.server.next("join");
    await look();
    request.answer(joined());
    await bench.up(1);
    await look();
    await call.hangUp();
    await look();

    expect(seen).toEqual(["None", "Connecting", "Connected", "Disconnected"]);
    expect(reported).toEqual([]);
  });
});
