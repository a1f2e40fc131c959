/** The way of a visit: before the call, coming in, the call, its end, and back. */
import { type Call, CallClient, LocalVideoStream } from "@openrooms/calling";
import { EndedView } from "../shared/ended.js";
import { type CallLink, ownRawId } from "../shared/link.js";
import { type EndCode, isUnreachable, reasonFor } from "../shared/reasons.js";
import { explainSilence } from "../shared/silence.js";
import { CallView } from "./callview.js";
import type { ConnectionWatch } from "./connection.js";
import { Devices } from "./devices.js";
import { JoiningView } from "./joining.js";
import type { Choices, Visit } from "./memory.js";
import { type Arrival, PrejoinView } from "./prejoin.js";
import { Session } from "./session.js";
import type { Shell } from "./shell.js";

/** What a visit is held with. */
interface Parts {
  readonly shell: Shell;
  readonly client: CallClient;
  readonly devices: Devices;
  /** Keep the visit for a reload. */
  readonly remember: (visit: Visit) => void;
}

/** One visit to one room. */
export class CallPage {
  private _session: Session | undefined;
  private _stream: LocalVideoStream | undefined;
  private _wasIn = false;
  private _link: CallLink;
  private _choices: Choices;

  private constructor(
    private readonly _parts: Parts,
    visit: Visit,
  ) {
    this._link = visit.link;
    this._choices = visit.choices;
  }

  /** Begin, or after a reload go on, with a visit. */
  static async open(
    shell: Shell,
    visit: Visit,
    remember: (visit: Visit) => void,
  ): Promise<CallPage> {
    // The page speaks with the server that handed it out, whatever name the token gives it.
    const networkConfiguration = { proxy: { url: location.origin } };
    const client = new CallClient({
      networkConfiguration,
      diagnostics: { appName: "openrooms-call-page" },
    });
    const parts = { shell, client, devices: await Devices.of(client), remember };
    const page = new CallPage(parts, visit);
    if (visit.inCall) await page._comeBack("Coming back into the call…");
    else page._prepare();
    return page;
  }

  /** The page goes away: what it remembers now is where it goes on after a reload. */
  goAway(): void {
    this._session?.goAway();
  }

  private _prepare(): void {
    this._keep(false);
    const { roomId, name } = this._link;
    const view = new PrejoinView({
      roomId,
      name,
      choices: this._choices,
      devices: this._parts.devices,
      join: (arrival) => this._arrive(arrival),
    });
    this._parts.shell.show(view, "ready");
  }

  private _arrive(arrival: Arrival): void {
    this._link = { ...this._link, name: arrival.name };
    this._choices = arrival.choices;
    this._enter(arrival.stream, "Joining…");
  }

  /** Go in without asking again, with microphone and camera as they were. */
  private async _comeBack(words: string): Promise<void> {
    let calledOff = false;
    const cancel = (): void => {
      calledOff = true;
      this._prepare();
    };
    this._parts.shell.show(new JoiningView(words, cancel), "joining");
    await this._parts.devices.ask(this._choices);
    if (calledOff) return;
    const { camera, cameraTrouble, microphoneTrouble } = this._parts.devices;
    if (microphoneTrouble !== undefined) this._choices = { ...this._choices, microphone: false };
    const usable = this._choices.camera && cameraTrouble === undefined && camera !== undefined;
    this._enter(usable ? new LocalVideoStream(camera) : undefined, words);
  }

  private _enter(stream: LocalVideoStream | undefined, words: string): void {
    const session = new Session(this._parts.client, {
      connected: (call, watch) => this._connected(call, watch),
      ended: (end) => void this._ended(end),
    });
    this._session = session;
    this._wasIn = false;
    this._stream = stream;
    this._parts.shell.show(new JoiningView(words, () => void session.leave()), "joining");
    void session.enter({ link: this._link, muted: !this._choices.microphone, stream });
  }

  private _connected(call: Call, watchConnection: ConnectionWatch): void {
    this._wasIn = true;
    this._keep(true);
    const view = new CallView({
      call,
      devices: this._parts.devices,
      announcer: this._parts.shell.announcer,
      rawId: ownRawId(this._link.token),
      name: this._link.name,
      watchConnection,
      tell: (phase) => this._parts.shell.tell(phase),
      chosen: (chosen) => this._choose(chosen),
      leave: () => void this._session?.leave(),
    });
    this._parts.shell.show(view, "connected");
  }

  /** The person switched something: so it shall be after a reload, and when joining again. */
  private _choose(chosen: Pick<Choices, "microphone" | "camera">): void {
    this._choices = { ...this._choices, ...chosen };
    this._keep(true);
  }

  private async _ended(end: EndCode): Promise<void> {
    this._session = undefined;
    this._stream?.dispose();
    this._stream = undefined;
    // Called off on the way in: back to where one came from.
    if (!this._wasIn && end.code === 0 && end.subCode === 0) return this._prepare();
    this._keep(false);
    const reason = isUnreachable(end) ? await explainSilence() : reasonFor(end);
    const again = (): void => void this._comeBack("Joining…");
    this._parts.shell.show(new EndedView({ reason, end, again }), "ended");
  }

  private _keep(inCall: boolean): void {
    this._choices = { ...this._choices, ...this._parts.devices.chosen };
    this._parts.remember({ link: this._link, choices: this._choices, inCall });
  }
}
