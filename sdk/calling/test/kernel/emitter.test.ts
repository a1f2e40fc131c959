/** Events: isolated listeners, unknown names. */
import { describe, expect, test, vi } from "vitest";
import { Emitter } from "../../src/kernel/emitter.js";

interface Thing {
  changed: [];
  named: [name: string];
}

describe("an emitter", () => {
  test("calls each listener with the event's arguments", () => {
    const emitter = new Emitter<Thing>();
    const names: string[] = [];

    emitter.on("named", (name) => names.push(name));
    emitter.emit("named", "Ada");

    expect(names).toEqual(["Ada"]);
  });

  test("reports a listener that throws, a moment later, and calls the others", async () => {
    const error = new Error("mine");
    const report = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const emitter = new Emitter<Thing>();
    let calls = 0;
    emitter.on("changed", () => {
      throw error;
    });
    emitter.on("changed", () => {
      calls += 1;
    });

    emitter.emit("changed");

    expect(calls).toBe(1);
    expect(report).not.toHaveBeenCalled();
    await Promise.resolve();
    expect(report).toHaveBeenCalledWith(error);
    report.mockRestore();
  });

  test("ignores names that it does not know, such as those of newer versions", () => {
    const emitter = new Emitter<Record<string, []>>();

    expect(() => {
      emitter.on("constructor", () => undefined);
      emitter.on("__proto__", () => undefined);
      emitter.off("hasOwnProperty", () => undefined);
      emitter.emit("toString");
    }).not.toThrow();
  });

  test("ignores a listener that was never added", () => {
    const emitter = new Emitter<Thing>();
    let calls = 0;
    emitter.on("changed", () => {
      calls += 1;
    });

    emitter.off("changed", () => undefined);
    emitter.emit("changed");

    expect(calls).toBe(1);
  });

  test("stops calling a listener that was taken off, even while it is telling", () => {
    const emitter = new Emitter<Thing>();
    let calls = 0;
    const second = (): void => {
      calls += 1;
    };
    emitter.on("changed", () => emitter.off("changed", second));
    emitter.on("changed", second);

    emitter.emit("changed");
    emitter.emit("changed");

    expect(calls).toBe(1);
  });

  test("works through a proxy, as interface libraries wrap our objects", () => {
    const emitter = new Emitter<Thing>();
    const wrapped = new Proxy(emitter, {});
    let calls = 0;

    wrapped.on("changed", () => {
      calls += 1;
    });
    emitter.emit("changed");

    expect(calls).toBe(1);
  });
});
