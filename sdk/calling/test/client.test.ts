/** The client as an app uses it, through the public surface. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { CallAgentKind, CallClient, CallKind, Features } from "../src/index.js";
import { FakeBrowser } from "./fakes/browser.js";
import { FakeServer } from "./fakes/server.js";
import { FakeCredential } from "./fakes/token.js";

let server: FakeServer;
let browser: FakeBrowser;
let clients: CallClient[];

beforeEach(async () => {
  server = await FakeServer.start();
  browser = new FakeBrowser();
  // The browser's class, for which the one of Node's library is made to the measure.
  vi.stubGlobal("WebSocket", WebSocket);
  clients = [];
});

afterEach(async () => {
  await Promise.all(clients.map((client) => client.dispose()));
  await server.stop();
  browser.leave();
});

function newClient(): CallClient {
  const client = new CallClient();
  clients.push(client);
  return client;
}

const credential = (): FakeCredential => new FakeCredential([server.token()]);

describe("a client", () => {
  test("makes an agent that is connected", async () => {
    const agent = await newClient().createCallAgent(credential(), { displayName: "Ada" });

    expect(agent.kind).toBe(CallAgentKind.CallAgent);
    expect(agent.displayName).toBe("Ada");
    expect(agent.connectionState).toBe("Connected");
    expect(agent.calls).toEqual([]);
  });

  test("makes no agents for users of Teams, and says so with a code", async () => {
    const making = newClient().createTeamsCallAgent(credential());

    await expect(making).rejects.toMatchObject({ code: 405, subCode: 49002 });
    expect(CallAgentKind.TeamsCallAgent).toBe("TeamsCallAgent");
  });

  test("makes one agent at a time, and another one after that is disposed", async () => {
    const client = newClient();
    const agent = await client.createCallAgent(credential());

    const second = client.createCallAgent(credential());
    await expect(second).rejects.toMatchObject({ code: 409, subCode: 40228 });
    await agent.dispose();
    const third = await client.createCallAgent(credential());

    expect(third.connectionState).toBe("Connected");
  });

  test("refuses a second agent of the same user in the page, and the first goes on", async () => {
    const first = await newClient().createCallAgent(credential());

    const second = newClient().createCallAgent(credential());

    await expect(second).rejects.toMatchObject({ code: 409, subCode: 40228 });
    expect(first.connectionState).toBe("Connected");
  });

  test("may try again after a refusal", async () => {
    const client = newClient();
    server.refusal = { code: 401, subCode: 10009 };
    const refused = client.createCallAgent(credential());
    await expect(refused).rejects.toMatchObject({ code: 401, subCode: 10009 });

    server.refusal = undefined;

    expect(await client.createCallAgent(credential())).toBeDefined();
  });

  test("has one device manager, before and after there is an agent", async () => {
    const client = newClient();
    const before = await client.getDeviceManager();

    await client.createCallAgent(credential());

    expect(await client.getDeviceManager()).toBe(before);
  });

  test("joins through its agent", async () => {
    const agent = await newClient().createCallAgent(credential());

    const call = agent.join({ roomId: "994" });
    (await server.next("join")).refuse(403, 5828);
    await new Promise<void>((resolve) => {
      call.on("stateChanged", () => {
        if (call.state === "Disconnected") resolve();
      });
    });

    expect(call.kind).toBe(CallKind.Call);
    expect(call.callEndReason).toMatchObject({ code: 403, subCode: 5828 });
  });

  test("has the features that it has, and a clear error for others", () => {
    const client = newClient();

    expect(client.feature(Features.DebugInfo)).toBe(client.feature(Features.DebugInfo));
    expect(() => client.feature({ clientFeatureName: "PreCallDiagnostics" })).toThrow(
      expect.objectContaining({ code: 405 }),
    );
  });

  test("ignores options that it does not know", () => {
    // What apps pass to other versions.
    const options = { audioOptions: {}, diagnostics: { appName: "x", tags: ["y"] } };

    expect(() => new CallClient(options)).not.toThrow();
  });
});
