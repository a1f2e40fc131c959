/** Changes that wait for each other. */
import { expect, test } from "vitest";
import { Turns } from "../../src/kernel/turns.js";

test("a change begins when the one before it is over", async () => {
  const turns = new Turns();
  const told: string[] = [];
  let finish: (() => void) | undefined;
  const first = turns.take(async () => {
    told.push("first begins");
    await new Promise<void>((done) => {
      finish = done;
    });
    told.push("first ends");
  });
  const second = turns.take(async () => void told.push("second"));
  await Promise.resolve();

  expect(told).toEqual(["first begins"]);
  finish?.();
  await Promise.all([first, second]);

  expect(told).toEqual(["first begins", "first ends", "second"]);
});

test("a change that fails is told to who asked for it, and holds up no other", async () => {
  const turns = new Turns();
  const failed = turns.take(() => Promise.reject(new Error("no camera")));
  const told: string[] = [];

  await turns.take(async () => void told.push("next"));

  await expect(failed).rejects.toThrow("no camera");
  expect(told).toEqual(["next"]);
});
