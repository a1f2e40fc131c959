/** What people should be told about their network and their devices. */
import {
  type DiagnosticFlag,
  DiagnosticQuality,
  type DiagnosticValueType,
  type MediaDiagnostics,
  type MediaDiagnosticValues,
  type NetworkDiagnostics,
  type NetworkDiagnosticValues,
  type UserFacingDiagnosticsFeature,
} from "../api/diagnostics.js";
import { Emitter } from "../kernel/emitter.js";
import { type RemoteDiagnosticsNeeds, RemoteDiagnosticsObject } from "./remote-diagnostics.js";

/** Where diagnostics are raised. */
export interface Raises<T> {
  raise<K extends keyof T>(diagnostic: K, value: T[K] & (DiagnosticQuality | boolean)): void;
}

interface Raised<K> {
  readonly diagnostic: K;
  readonly value: DiagnosticQuality | DiagnosticFlag;
  readonly valueType: DiagnosticValueType;
}

type Latest<T> = { [K in keyof T]?: Omit<Raised<K>, "diagnostic"> };

/** Some diagnostics, and what they are now. */
class Diagnostics<T> extends Emitter<{ diagnosticChanged: [change: Raised<keyof T>] }> {
  private _latest: Latest<T> = {};

  /** What was raised so far. A new object each time: an app may freeze it. */
  getLatest(): Latest<T> {
    const copy: Latest<T> = {};
    for (const name of Object.keys(this._latest) as (keyof T)[]) {
      const one = this._latest[name];
      if (one !== undefined) copy[name] = { ...one };
    }
    return copy;
  }

  /** Something is so now. Apps are told when it was not so before. */
  raise<K extends keyof T>(diagnostic: K, value: T[K] & (DiagnosticQuality | boolean)): void {
    const before = this._latest[diagnostic]?.value;
    if (before === value) return;
    const isFlag = typeof value === "boolean";
    // That nothing is wrong is news only where something was.
    const isWell = value === false || value === DiagnosticQuality.Good;
    if (before === undefined && isWell) return;
    const valueType = isFlag ? "DiagnosticFlag" : "DiagnosticQuality";
    this._latest[diagnostic] = { value, valueType };
    this.emit("diagnosticChanged", { diagnostic, value, valueType });
  }
}

/** The diagnostics of one call. */
export class DiagnosticsObject implements UserFacingDiagnosticsFeature {
  readonly name = "UserFacingDiagnostics";
  readonly network: Diagnostics<NetworkDiagnosticValues> & NetworkDiagnostics = new Diagnostics();
  readonly media: Diagnostics<MediaDiagnosticValues> & MediaDiagnostics = new Diagnostics();
  readonly remote: RemoteDiagnosticsObject;

  constructor(needs: RemoteDiagnosticsNeeds) {
    const remote = new RemoteDiagnosticsObject(needs);
    this.remote = remote;
    this.network.on("diagnosticChanged", (one) => remote.note(one.diagnostic, one.value));
    this.media.on("diagnosticChanged", (one) => remote.note(one.diagnostic, one.value));
  }
}
