/** Finding the server, and saying why it cannot be reached. */
import { describe, expect, test } from "vitest";
import { claimsOf } from "../../src/signalling/claims.js";
import { serverAt, unreachable } from "../../src/signalling/server-address.js";
import { userToken } from "../fakes/token.js";

describe("the server's address", () => {
  test.each([
    ["http://localhost:8080", "ws://localhost:8080/calling/v1/agent"],
    ["https://rooms.example:8443/", "wss://rooms.example:8443/calling/v1/agent"],
    [
      "https://rooms.example/behind/a/proxy/",
      "wss://rooms.example/behind/a/proxy/calling/v1/agent",
    ],
    ["wss://rooms.example", "wss://rooms.example/calling/v1/agent"],
  ])("%s has its agent socket at %s", (address, agent) => {
    expect(serverAt(address)?.agent).toBe(agent);
  });

  test.each(["", "rooms.example", "ftp://rooms.example", "javascript:alert(1)"])(
    "%j is no server",
    (address) => {
      expect(serverAt(address)).toBeUndefined();
    },
  );

  test("paths that the server names are on the same server", () => {
    expect(serverAt("https://rooms.example")?.socket("/calling/v1/media")).toBe(
      "wss://rooms.example/calling/v1/media",
    );
  });
});

describe("an unreachable server", () => {
  const server = serverAt("https://rooms.example");
  const plain = serverAt("http://localhost:8080");

  test("may have a certificate that is not trusted", () => {
    expect(server && unreachable(server, { online: true })).toContain(
      "open https://rooms.example/health once",
    );
  });

  test("has no certificate without TLS", () => {
    expect(plain && unreachable(plain, { online: true })).not.toContain("certificate");
  });

  test("is not the server's fault while the device is offline", () => {
    expect(server && unreachable(server, { online: false })).toBe("This device is offline.");
  });
});

describe("the claims of a token", () => {
  test("name the server and the user", () => {
    const token = userToken({ iss: "http://localhost:8080", skypeid: "acs:r_u", name: "Zoë" });

    expect(claimsOf(token)).toEqual({ issuer: "http://localhost:8080", rawId: "8:acs:r_u" });
  });

  test("may say nothing", () => {
    expect(claimsOf(userToken({}))).toEqual({});
  });

  test.each(["", "a.b.c", "only-one-part", `x.${btoa("[]")}.y`])("%j has none", (token) => {
    expect(claimsOf(token)).toBeUndefined();
  });
});
