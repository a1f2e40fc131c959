/** What a tab remembers of a visit to the call page. */
import { beforeEach, describe, expect, test } from "vitest";
import { recall, remember, type Visit } from "../src/call/visit.js";

const VISIT: Visit = {
  invitation: { meeting: { kind: "room", roomId: "99" }, token: "t", name: "Bo" },
  inCall: true,
  microphone: true,
  camera: false,
};
const storage = (): Storage => sessionStorage;

function forbidden(): Storage {
  throw new Error("no storage here");
}

describe("the memory of a visit", () => {
  beforeEach(() => sessionStorage.clear());

  test("gives back what was kept", () => {
    remember(storage, VISIT);

    expect(recall(storage)).toEqual(VISIT);
  });

  test("is empty in a new tab", () => {
    expect(recall(storage)).toBeUndefined();
  });

  test.each(["not JSON", "null", "7", '{"invitation":"#room=99"}', '{"invitation":{}}'])(
    "takes nothing that it did not write: %s",
    (kept) => {
      sessionStorage.setItem("openrooms.visit", kept);

      expect(recall(storage)).toBeUndefined();
    },
  );

  test("does without a storage that the browser forbids", () => {
    remember(forbidden, VISIT);

    expect(recall(forbidden)).toBeUndefined();
  });
});
