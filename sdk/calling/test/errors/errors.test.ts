/** Every error that an app may meet, by what brings it about; and that the table of them is whole. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FAILURES } from "../../src/kernel/errors.js";
import { Bench } from "../fakes/bench.js";
import { DOCUMENTED } from "./documented.js";
import { NOT_HERE } from "./not-here.js";
import { ofCalls, ofServer } from "./of-calls.js";
import { ofDevices } from "./of-devices.js";
import { ofMessages } from "./of-messages.js";
import { OF_STREAMS } from "./of-streams.js";
import { type ErrorName, thrownBy } from "./row.js";

let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start();
});

afterEach(async () => {
  vi.useRealTimers();
  await bench.stop();
});

const HERE = {
  ...ofCalls(() => bench),
  ...ofDevices(() => bench),
  ...ofMessages(() => bench),
};
const SERVER = ofServer(() => bench);
const numbers = ({ code, subCode }: { code: number; subCode: number }): string =>
  `${code}/${subCode}`;

describe("an app that", () => {
  test.each(Object.entries(HERE))("meets %s is told its numbers and words", async (name, way) => {
    const { code, subCode, message } = FAILURES[name as ErrorName];

    const error = await thrownBy(way);

    expect({ ...error }).toEqual({ code, subCode, name: "CommunicationServicesError" });
    expect(error.message.length).toBeGreaterThan(0);
    if (!WORDS_OF_ITS_OWN.includes(name)) expect(error.message).toContain(message);
  });

  test.each(Object.entries(SERVER))(
    "is refused by the server with %s is told so",
    async (told, way) => {
      const error = await thrownBy(way);

      expect(numbers(error as never)).toBe(told);
      expect(error).toMatchObject({ name: "CommunicationServicesError", message: told });
    },
  );
});

/** Those whose message says what went wrong in this very case. */
const WORDS_OF_ITS_OWN = [
  ...["agentFailed", "tokenRefused", "agentTimeout", "muteFailed", "unmuteFailed"],
  ...["featureNotSupported", "badSurvey"],
];

describe("the table", () => {
  test("has each error of the SDK's own, once", () => {
    const rows = [...Object.keys(HERE), ...Object.keys(OF_STREAMS)];

    expect(rows.sort()).toEqual(Object.keys(FAILURES).sort());
  });

  test("has each documented error: met here, or with the reason why not", () => {
    const met = [...Object.values(FAILURES).map(numbers), ...Object.keys(SERVER)];

    expect(DOCUMENTED.filter((one) => !met.includes(one) && !(one in NOT_HERE))).toEqual([]);
    expect(Object.keys(NOT_HERE).filter((one) => !DOCUMENTED.includes(one))).toEqual([]);
    expect(Object.keys(NOT_HERE).filter((one) => met.includes(one))).toEqual([]);
  });

  test("has numbers of our own for what is not documented, from 49000 on", () => {
    const own = Object.values(FAILURES).filter((one) => !DOCUMENTED.includes(numbers(one)));
    const known = ["400/40612", "400/41054", "401/10009", "400/10044"];

    expect(
      own
        .filter(({ subCode }) => subCode < 49_000)
        .map(numbers)
        .sort(),
    ).toEqual(known.sort());
  });

  test("has no number twice", () => {
    const all = Object.values(FAILURES).map(numbers);

    expect(new Set(all).size).toBe(all.length);
  });
});
