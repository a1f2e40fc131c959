/** What people should be told about their network and devices. */
import { describe, expect, test } from "vitest";
import { DiagnosticQuality } from "../../src/api/diagnostics.js";
import { DiagnosticsObject } from "../../src/features/diagnostics.js";
import { ManualClock } from "../fakes/clock.js";

function watched(): { feature: DiagnosticsObject; told: unknown[] } {
  const feature = new DiagnosticsObject({
    clock: new ManualClock(),
    people: () => [],
    ask: async () => undefined,
  });
  const told: unknown[] = [];
  feature.network.on("diagnosticChanged", (change) => told.push(change));
  feature.media.on("diagnosticChanged", (change) => told.push(change));
  return { feature, told };
}

describe("diagnostics", () => {
  test("have no values before anything was raised", () => {
    const { feature } = watched();

    expect([feature.network.getLatest(), feature.media.getLatest()]).toEqual([{}, {}]);
    expect(feature.remote.getLatest()).toEqual({ diagnostics: [] });
  });

  test("of quality are told and kept, with their type", () => {
    const { feature, told } = watched();

    feature.network.raise("networkReconnect", DiagnosticQuality.Bad);

    const value = { value: 3, valueType: "DiagnosticQuality" };
    expect(told).toEqual([{ diagnostic: "networkReconnect", ...value }]);
    expect(feature.network.getLatest()).toEqual({ networkReconnect: value });
  });

  test("that stay as they are tell nothing", () => {
    const { feature, told } = watched();
    feature.media.raise("cameraFreeze", true);

    feature.media.raise("cameraFreeze", true);

    expect(told).toHaveLength(1);
  });

  test("a flag that falls is told only after it was up", () => {
    const { feature, told } = watched();
    feature.media.raise("cameraFreeze", false);
    feature.media.raise("noSpeakerDevicesEnumerated", true);

    feature.media.raise("noSpeakerDevicesEnumerated", false);

    expect(told).toEqual([
      { diagnostic: "noSpeakerDevicesEnumerated", value: true, valueType: "DiagnosticFlag" },
      { diagnostic: "noSpeakerDevicesEnumerated", value: false, valueType: "DiagnosticFlag" },
    ]);
  });

  test("may be frozen by the app", () => {
    const { feature } = watched();
    feature.network.raise("networkReconnect", DiagnosticQuality.Bad);
    const latest = feature.network.getLatest();
    Object.freeze(latest);
    Object.freeze(latest.networkReconnect);

    feature.network.raise("networkReconnect", DiagnosticQuality.Good);

    expect(latest.networkReconnect?.value).toBe(3);
    expect(feature.network.getLatest().networkReconnect?.value).toBe(1);
  });

  test("are sent to others when the app wants it, and that is told", () => {
    const { feature } = watched();
    const told: boolean[] = [];
    feature.remote.on("isSendingDiagnosticsEnabledChanged", () =>
      told.push(feature.remote.isSendingDiagnosticsEnabled),
    );

    feature.remote.startSendingDiagnostics();
    feature.remote.startSendingDiagnostics();
    feature.remote.stopSendingDiagnostics();

    expect(told).toEqual([true, false]);
  });
});
