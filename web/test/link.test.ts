/** Reading call links. */
import { describe, expect, test } from "vitest";
import { expiryOf, ownRawId, readLink } from "../src/shared/link.js";

const encode = (claims: object): string =>
  btoa(JSON.stringify(claims)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const tokenOf = (claims: object): string => `head.${encode(claims)}.signature`;

describe("a call link", () => {
  test("gives room, token and name", () => {
    const reading = readLink("#room=99412345678901234&token=a.b.c&name=Dr.%20Ada%20Ruiz");

    expect(reading).toEqual({
      kind: "link",
      link: { roomId: "99412345678901234", token: "a.b.c", name: "Dr. Ada Ruiz" },
    });
  });

  test("may leave the name out", () => {
    expect(readLink("#room=1&token=t")).toMatchObject({ link: { name: "" } });
  });

  test("is read when a mail program encoded the whole fragment", () => {
    const reading = readLink("#room%3D1%26token%3Da.b.c%26name%3DBo");

    expect(reading).toMatchObject({ link: { roomId: "1", token: "a.b.c", name: "Bo" } });
  });

  test("loses the blanks around its parts", () => {
    expect(readLink("#room=1%20&token=%20t&name=%20Bo%20")).toMatchObject({
      link: { roomId: "1", token: "t", name: "Bo" },
    });
  });

  test("keeps markup in a name as text", () => {
    const name = "<img src=x onerror=alert(1)>";

    expect(readLink(`#room=1&token=t&name=${encodeURIComponent(name)}`)).toMatchObject({
      link: { name },
    });
  });

  test("cuts a name after 256 characters, never within one", () => {
    const reading = readLink(`#room=1&token=t&name=${encodeURIComponent("😀".repeat(300))}`);

    expect(reading).toMatchObject({ link: { name: "😀".repeat(256) } });
  });

  test.each([
    ["#token=t", "room"],
    ["#room=&token=t", "room"],
    ["#room=1", "token"],
    ["#room=1&token=%20", "token"],
  ])("that reads %s lacks its %s", (fragment, missing) => {
    expect(readLink(fragment)).toEqual({ kind: "broken", missing });
  });

  test.each(["", "#", "#people", "#%E0%A4%A", "#%3d%"])("is not found in %j", (fragment) => {
    expect(readLink(fragment)).toEqual({ kind: "none" });
  });
});

describe("a token", () => {
  test("tells when it ends", () => {
    expect(expiryOf(tokenOf({ exp: 1_800_000_000 }))).toBe(1_800_000_000_000);
  });

  test("tells whose it is", () => {
    expect(ownRawId(tokenOf({ skypeid: "acs:r_u" }))).toBe("8:acs:r_u");
  });

  test.each(["", "x", "a.b.c", "a.!.c", `a.${btoa("null")}.c`, tokenOf({ exp: "soon" })])(
    "that cannot be read ends when the server says: %j",
    (token) => {
      expect(expiryOf(token)).toBe(0);
      expect(ownRawId(token)).toBe("");
    },
  );
});
