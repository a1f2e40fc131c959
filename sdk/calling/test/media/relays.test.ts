/** Relays of media that an app brings along. */
import { expect, test } from "vitest";
import { relaysIn } from "../../src/media/relays.js";

const bringing = (...iceServers: unknown[]): object => ({
  networkConfiguration: { turn: { iceServers } },
});

test("relays are taken with what lets in there", () => {
  const turn = {
    urls: ["turn:relay.example:3478", "turns:relay.example"],
    username: "u",
    credential: "c",
  };
  const stun = { urls: ["stun:relay.example:3478?transport=udp"] };

  expect(relaysIn(bringing(turn, stun))).toEqual([turn, stun]);
});

test.each([
  [undefined],
  [{}],
  [{ networkConfiguration: null }],
  [{ networkConfiguration: { turn: { iceServers: "turn:x" } } }],
  [bringing(null, 7, "turn:relay.example")],
  [bringing({ urls: "turn:relay.example" })],
  [bringing({ urls: ["https://relay.example", "turn:", 7], username: "u", credential: "c" })],
  [bringing({ urls: ["turn:relay.example"], username: "u" })],
])("%j brings none: a browser would make no connection for it", (options) => {
  expect(relaysIn(options)).toEqual([]);
});
