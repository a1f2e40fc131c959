/** The composite's adapter on our SDK, which speaks with the server that handed out the page. */
import {
  type AzureCommunicationCallAdapterOptions,
  type CallAdapter,
  createAzureCommunicationCallAdapterFromClient,
  createStatefulCallClient,
} from "@azure/communication-react";
import type { CallAgent } from "@openrooms/calling";
import { expiryOf, ownRawId } from "../shared/link.js";
import type { Invitation } from "./invitation.js";
import { REACTIONS } from "./reactions.js";
import { SOUNDS } from "./sounds.js";

/** What a stay is held with. */
export interface Line {
  readonly agent: CallAgent;
  readonly adapter: CallAdapter;
}

const OPTIONS: AzureCommunicationCallAdapterOptions = {
  callingSounds: SOUNDS,
  reactionResources: REACTIONS,
};

/** Open the line; rejects with code and subCode when the server does not let the user in. */
export async function openLine({ meeting, token, name }: Invitation): Promise<Line> {
  // Whatever name the token gives the server: the served policy allows no other.
  const networkConfiguration = { proxy: { url: location.origin } };
  const client = createStatefulCallClient(
    { userId: { communicationUserId: ownRawId(token) } },
    {
      callClientOptions: {
        networkConfiguration,
        diagnostics: { appName: "openrooms-call-page" },
      },
    },
  );
  const agent = await client.createCallAgent(credential(token), { displayName: name });
  return { agent, adapter: await adapterFor(client, agent, meeting) };
}

type Client = ReturnType<typeof createStatefulCallClient>;

function adapterFor(
  client: Client,
  agent: CallAgent,
  meeting: Invitation["meeting"],
): Promise<CallAdapter> {
  if (meeting.kind === "direct") {
    const callees = meeting.callees.map((communicationUserId) => ({ communicationUserId }));
    return createAzureCommunicationCallAdapterFromClient(client, agent, callees, OPTIONS);
  }
  const locator =
    meeting.kind === "room" ? { roomId: meeting.roomId } : { groupId: meeting.groupId };
  return createAzureCommunicationCallAdapterFromClient(client, agent, locator, OPTIONS);
}

/** The link's token for the SDK; a page has no way to renew it. */
function credential(token: string) {
  const access = { token, expiresOnTimestamp: expiryOf(token) };
  return { getToken: () => Promise.resolve(access), dispose: () => undefined };
}
