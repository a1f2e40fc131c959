/** How the library's types and ours go together, in the words of a typed app. */
import {
  type Call,
  type CallAgent,
  CallClient,
  type LocalVideoStream,
  type RemoteParticipantState,
} from "@azure/communication-calling";
import {
  BackgroundBlurEffect,
  BackgroundReplacementEffect,
  DeepNoiseSuppressionEffect,
} from "@azure/communication-calling-effects";
import type { CommunicationTokenCredential } from "@azure/communication-common";
import {
  type CallAdapter,
  type CallState,
  createAzureCommunicationCallAdapterFromClient,
  createStatefulCallClient,
  type DeepNoiseSuppressionEffectDependency,
  type RemoteParticipantState as PersonState,
  type StatefulCallClient,
  type VideoBackgroundEffectsDependency,
} from "@azure/communication-react";

export const client: StatefulCallClient = createStatefulCallClient({
  userId: { communicationUserId: "8:acs:resource_user" },
});
// The library's client is one of ours to whoever takes one of ours.
export const plain: CallClient = client;
export const own = new CallClient();

export async function adapt(credential: CommunicationTokenCredential): Promise<CallAdapter> {
  const agent: CallAgent = await client.createCallAgent(credential, { displayName: "Ada" });
  return createAzureCommunicationCallAdapterFromClient(client, agent, { roomId: "99" });
}

export const stateOf = (call: Call): CallState["state"] => call.state;
export const stateOfPerson = (person: PersonState): RemoteParticipantState => person.state;
export const pictures = (call: Call): readonly LocalVideoStream[] => call.localVideoStreams;

export const backgrounds: VideoBackgroundEffectsDependency = {
  createBackgroundBlurEffect: (config) => new BackgroundBlurEffect(config),
  createBackgroundReplacementEffect: (config) => new BackgroundReplacementEffect(config),
};
export const silence: DeepNoiseSuppressionEffectDependency = {
  deepNoiseSuppressionEffect: { noiseSuppression: new DeepNoiseSuppressionEffect() },
};
