/** User tokens and credentials for tests. Nobody checks their signatures here. */
import type { CommunicationTokenCredential } from "@azure/communication-common";
import { settled } from "./clock.js";

/** A token with these claims. */
export function userToken(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "ES256" })}.${part(claims)}.c2lnbmF0dXJl`;
}

/** A credential that gives the tokens of a list, the last one again and again. */
export class FakeCredential implements CommunicationTokenCredential {
  asked = 0;

  constructor(readonly tokens: string[]) {}

  async getToken(): Promise<{ token: string; expiresOnTimestamp: number }> {
    this.asked += 1;
    const token = this.tokens.length > 1 ? this.tokens.shift() : this.tokens[0];
    return { token: token ?? "", expiresOnTimestamp: 0 };
  }

  /** Wait until it was asked so many times. */
  async askedFor(times: number): Promise<void> {
    while (this.asked < times) await settled();
  }

  dispose(): void {
    // The app's own business.
  }
}
