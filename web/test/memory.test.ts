/** What a tab remembers. */
import { beforeEach, describe, expect, test } from "vitest";
import { DEFAULT_CHOICES, recall, remember, type Visit } from "../src/sample/memory.js";

const VISIT: Visit = {
  link: { roomId: "1", token: "t", name: "Bo" },
  choices: DEFAULT_CHOICES,
  inCall: true,
};

const storage = (): Storage => window.sessionStorage;

const forbidden = (): Storage => {
  throw new DOMException("no storage here", "SecurityError");
};

beforeEach(() => window.sessionStorage.clear());

describe("a tab", () => {
  test("knows its visit again", () => {
    remember(storage, VISIT);

    expect(recall(storage)).toEqual(VISIT);
  });

  test("without a visit knows none", () => {
    expect(recall(storage)).toBeUndefined();
  });

  test.each(["", "{", "null", "[]", '{"link":{}}', '{"link":{"roomId":1,"token":"t","name":""}}'])(
    "does not trust what it finds: %j",
    (found) => {
      window.sessionStorage.setItem("openrooms.call", found);

      expect(recall(storage)).toBeUndefined();
    },
  );

  test("that may not store anything forgets, and nothing breaks", () => {
    remember(forbidden, VISIT);

    expect(recall(forbidden)).toBeUndefined();
  });
});
