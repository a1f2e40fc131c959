/** The agent socket: connecting, coming back, tokens, going. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CommunicationServicesError } from "../../src/kernel/errors.js";
import { benchFor, passHalfAMinute, toldOf } from "../fakes/agent.js";
import { settled } from "../fakes/clock.js";
import { FakeServer } from "../fakes/server.js";
import { FakeCredential, userToken } from "../fakes/token.js";

/** After so long a credential is asked once more. */
const AGAIN_MS = 30_000;

let server: FakeServer;

beforeEach(async () => {
  server = await FakeServer.start();
});

afterEach(async () => {
  await server.stop();
});

describe("connecting", () => {
  test("says hello first, with the token in the message and never in the address", async () => {
    const bench = benchFor(server);

    await bench.socket.start();

    const [hello] = server.requests;
    expect(hello?.op).toBe("hello");
    expect(hello?.fields).toEqual({ version: 1, token: server.token(), displayName: "Ada" });
    expect(server.targets).toEqual(["/calling/v1/agent"]);
    expect(bench.told).toEqual([{ connected: false }]);
    expect(bench.socket.rawId).toBe("8:acs:resource_ada");
  });

  test.each([
    ["😀 whole", "😀 whole"],
    ["a \ud83d b", "a \ufffd b"],
    ["\ude00\ud83d", "\ufffd\ufffd"],
  ])("says a name of whole characters: %j", async (displayName, said) => {
    const bench = benchFor(server, { displayName });

    await bench.socket.start();

    expect(server.requests[0]?.fields).toMatchObject({ displayName: said });
  });

  test("finds the server by the address in the configuration rather than by the token", async () => {
    const credential = new FakeCredential([userToken({ iss: "https://elsewhere.example" })]);
    const bench = benchFor(server, { credential, proxy: `${server.url}/behind/` });

    await bench.socket.start();

    expect(server.targets).toEqual(["/behind/calling/v1/agent"]);
  });

  test("rejects with the server's code when it refuses the token", async () => {
    server.refusal = { code: 401, subCode: 10009 };
    const { socket } = benchFor(server);

    const error = await socket.start().catch((caught: unknown) => caught);

    expect(error).toBeInstanceOf(CommunicationServicesError);
    expect(error).toMatchObject({ code: 401, subCode: 10009 });
    expect(server.requests).toHaveLength(1);
  });

  test("rejects with 401/10009 when the token is no token at all", async () => {
    const { socket } = benchFor(server, { credential: new FakeCredential(["garbage"]) });

    await expect(socket.start()).rejects.toMatchObject({ code: 401, subCode: 10009 });
    expect(server.targets).toEqual([]);
  });

  test("says what to do when the token names no server", async () => {
    const credential = new FakeCredential([userToken({ skypeid: "acs:resource_ada" })]);
    const { socket } = benchFor(server, { credential });

    await expect(socket.start()).rejects.toThrow("networkConfiguration.proxy.url");
  });

  test("names the address to open once when the certificate may not be trusted", async () => {
    const credential = new FakeCredential([userToken({ iss: "https://127.0.0.1:9" })]);
    const bench = benchFor(server, { credential });
    const started = bench.socket.start().catch((caught: unknown) => caught);
    await bench.clock.passWhenAsked(100);
    await bench.clock.passWhenAsked(300);

    const error = await started;

    expect(error).toMatchObject({ code: 412, subCode: 40115 });
    expect(String(error)).toContain("open https://127.0.0.1:9/health once");
    expect(String(error)).toContain("openrooms trust");
  });

  test("gives a server that opens and says nothing up after its time", async () => {
    server.silent.add("hello");
    const bench = benchFor(server);
    const started = bench.socket.start().catch((caught: unknown) => caught);
    await server.next("hello");
    await bench.clock.pass(15_000);

    expect(await started).toMatchObject({ code: 408, subCode: 40104 });
  });
});

describe("after a loss", () => {
  test("is the same agent again, with a token asked for anew", async () => {
    const credential = new FakeCredential([server.token(), server.token("fresh")]);
    const bench = benchFor(server, { credential });
    await bench.socket.start();

    server.drop();
    await bench.clock.passWhenAsked(100);
    await toldOf(bench, 3);

    expect(bench.told).toEqual([
      { connected: false },
      { disconnected: "connectionIssue" },
      { connected: true },
    ]);
    const second = server.requests.filter(({ op }) => op === "hello")[1];
    expect(second?.fields).toMatchObject({ agentId: "agent-1", token: server.token("fresh") });
    expect(credential.asked).toBe(2);
  });

  test("waits longer after each failure, and tries at once when the network changes", async () => {
    const bench = benchFor(server);
    await bench.socket.start();
    await server.stop();
    await bench.clock.passWhenAsked(100);
    await bench.clock.passWhenAsked(300);
    await bench.clock.passWhenAsked(700);
    const asked = bench.credential.asked;

    await settled();
    bench.socket.hurry();
    await settled();

    expect(bench.credential.asked).toBe(asked + 1);
  });

  test("asks whether a silent line is alive, and leaves it when no answer comes", async () => {
    const bench = benchFor(server);
    await bench.socket.start();
    server.silent.add("ping");

    await bench.clock.passWhenAsked(15_000);
    await server.next("ping");
    await bench.clock.passWhenAsked(5_000);
    await toldOf(bench, 2);

    expect(bench.told[1]).toEqual({ disconnected: "connectionIssue" });
  });

  test("keeps a line that answers", async () => {
    const bench = benchFor(server);
    await bench.socket.start();

    await bench.clock.passWhenAsked(15_000);
    await server.next("ping");
    await bench.clock.cleared(5_000);
    await bench.clock.passWhenAsked(15_000);
    await server.next("ping");

    expect(bench.told).toEqual([{ connected: false }]);
  });
});

describe("tokens", () => {
  test("brings the newer token when the server says that the old one ends", async () => {
    const credential = new FakeCredential([server.token(), server.token("newer")]);
    const bench = benchFor(server, { credential });
    await bench.socket.start();

    server.tell("tokenExpiring", { expiresOn: "2026-11-22T09:10:00+00:00" });
    const refresh = await server.next("refreshToken");

    expect(refresh.fields).toEqual({ token: server.token("newer") });
  });

  test("asks the credential again until it has a newer token", async () => {
    const old = server.token();
    const credential = new FakeCredential([old, old, old, server.token("newer")]);
    const bench = benchFor(server, { credential });
    await bench.socket.start();

    server.tell("tokenExpiring", { expiresOn: "2026-11-22T09:10:00+00:00" });
    await credential.askedFor(2);
    await passHalfAMinute(bench);
    await credential.askedFor(3);
    await passHalfAMinute(bench);
    const refresh = await server.next("refreshToken");

    expect(refresh.fields).toEqual({ token: server.token("newer") });
  });

  test.each([
    ["fails", () => Promise.reject(new Error("The app's server is away.")), AGAIN_MS],
    ["hangs", () => new Promise<never>(() => undefined), 20_000],
  ])("asks a credential that %s again, and stays connected meanwhile", async (_how, ask, waits) => {
    const credential = new FakeCredential([server.token(), server.token("newer")]);
    const bench = benchFor(server, { credential });
    await bench.socket.start();
    const getToken = credential.getToken.bind(credential);
    credential.getToken = ask;

    server.tell("tokenExpiring", { expiresOn: "2026-11-22T09:10:00+00:00" });
    while (!bench.clock.isAsked(waits)) await settled();
    if (waits < AGAIN_MS) await passHalfAMinute(bench);
    while (!bench.clock.isAsked(AGAIN_MS)) await settled();
    credential.getToken = getToken;
    await passHalfAMinute(bench);
    const refresh = await server.next("refreshToken");

    expect(refresh.fields).toEqual({ token: server.token("newer") });
    expect(bench.told).toEqual([{ connected: false }]);
  });

  test("does not come back with a token that the server ended", async () => {
    const bench = benchFor(server);
    await bench.socket.start();

    server.tell("signedOut", { code: 495, subCode: 4507, message: "The token ended." });
    server.close(4401);
    await toldOf(bench, 3);
    await bench.clock.passWhenAsked(30_000);
    await settled();

    expect(bench.told[2]).toEqual({ disconnected: "invalidToken" });
    expect(server.requests.filter(({ op }) => op === "hello")).toHaveLength(1);
  });

  test("comes back with another token", async () => {
    const credential = new FakeCredential([server.token(), server.token("newer")]);
    const bench = benchFor(server, { credential });
    await bench.socket.start();
    server.close(4401);

    await bench.clock.passWhenAsked(30_000);
    await toldOf(bench, 3);

    expect(bench.told[2]).toEqual({ connected: true });
  });
});

describe("what the server says", () => {
  test("events arrive; what is unknown or has no shape is skipped", async () => {
    const bench = benchFor(server);
    await bench.socket.start();

    server.say("no json");
    server.say('["event"]');
    server.say('{"event":"confetti","seq":1}');
    server.say('{"event":"legsChanged","callId":7,"changed":[],"removed":[]}');
    server.say('{"id":"x","ok":{}}');
    server.tell("legsChanged", { callId: "call-1", changed: [], removed: ["p-2"], ends: {} });
    await toldOf(bench, 2);

    const event = {
      event: "legsChanged",
      callId: "call-1",
      changed: [],
      removed: ["p-2"],
      ends: new Map(),
    };
    expect(bench.told[1]).toEqual({ event });
  });
});

describe("going", () => {
  test("says goodbye and does not come back", async () => {
    const bench = benchFor(server);
    await bench.socket.start();

    await bench.socket.close();
    await bench.clock.pass(600_000);

    expect(server.requests.map(({ op }) => op)).toEqual(["hello", "goodbye"]);
  });

  test("a page that comes back from the browser's cache is another agent", async () => {
    const bench = benchFor(server);
    await bench.socket.start();

    bench.socket.sleep();
    await server.next("goodbye");
    await toldOf(bench, 2);
    bench.socket.wakeUp();
    await toldOf(bench, 3);

    expect(bench.told[2]).toEqual({ connected: false });
    const second = server.requests.filter(({ op }) => op === "hello")[1];
    expect(second?.fields["agentId"]).toBeUndefined();
  });
});
