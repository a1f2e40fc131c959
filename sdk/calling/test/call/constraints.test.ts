/** Apps limit what is sent of the camera. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Call, CallConstraints, VideoConstraints } from "../../src/api/call.js";
import { NO_LIMITS } from "../../src/media/limits.js";
import { LocalVideoStream } from "../../src/streams/local-video-stream.js";
import { Bench } from "../fakes/bench.js";
import { joined } from "../fakes/joined.js";

let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start();
});

afterEach(async () => {
  await bench.stop();
});

/** A call that sends a camera. */
async function showing(constraints?: VideoConstraints): Promise<Call> {
  const [camera] = await bench.devices.getCameras();
  if (camera === undefined) throw new Error("There is no camera.");
  const videoOptions = { localVideoStreams: [new LocalVideoStream(camera)], constraints };
  const call = await bench.connect({ audioOptions: { muted: true }, videoOptions });
  await bench.until(() => call.isLocalVideoStarted);
  return call;
}

const limits = (): unknown => bench.room.sent.map((one) => one.limits);

test("from the start of a call, and then otherwise", async () => {
  const call = await showing({ send: { frameHeight: { max: 360 }, bitrate: { max: 500_000 } } });
  const before = limits();

  await call.setConstraints({
    video: { send: { frameHeight: { max: 0 }, frameRate: { max: 15 } } },
  });

  expect(before).toEqual([{ ...NO_LIMITS, height: 360, bitrate: 500_000 }]);
  expect(limits()).toEqual([{ ...NO_LIMITS, frameRate: 15, bitrate: 500_000 }]);
});

test("also before the call is up", async () => {
  const [camera] = await bench.devices.getCameras();
  if (camera === undefined) throw new Error("There is no camera.");
  const videoOptions = { localVideoStreams: [new LocalVideoStream(camera)] };
  const call = bench.join({ audioOptions: { muted: true }, videoOptions });

  await call.setConstraints({ video: { send: { frameHeight: { max: 180 } } } });
  (await bench.server.next("join")).answer(joined());
  await bench.up(1);
  await bench.until(() => call.isLocalVideoStarted);

  expect(limits()).toEqual([{ ...NO_LIMITS, height: 180 }]);
});

test.each([[undefined], [null], [{ video: 5 }], [{ video: { send: { bitrate: { max: -1 } } } }]])(
  "%j is refused with 400/49019, and changes nothing",
  async (constraints) => {
    const call = await showing({ send: { frameHeight: { max: 360 } } });

    // What untyped apps pass.
    const constrain = call.setConstraints(constraints as CallConstraints);

    await expect(constrain).rejects.toMatchObject({ code: 400, subCode: 49019 });
    expect(limits()).toEqual([{ ...NO_LIMITS, height: 360 }]);
  },
);

test("a call does not begin with what is no limit", () => {
  const constraints = { send: 5 } as VideoConstraints;

  const join = (): Call => bench.join({ videoOptions: { constraints } });

  expect(join).toThrow(expect.objectContaining({ code: 400, subCode: 49019 }));
  expect(bench.agent.calls).toEqual([]);
});

test("of a call that has ended there is nothing to limit", async () => {
  const call = await bench.connect();
  await call.hangUp();

  await expect(call.setConstraints({})).rejects.toMatchObject({ code: 412, subCode: 49011 });
});
