import {
  type Call,
  type CallAgent,
  CallAgentKind,
  CallClient,
  CallKind,
  DiagnosticQuality,
  Features,
  LocalVideoStream,
  VideoStreamRenderer,
} from "@azure/communication-calling";
import { AzureCommunicationTokenCredential } from "@azure/communication-common";
import {
  type CallAdapter,
  CallAgentProvider,
  CallClientProvider,
  CallComposite,
  CallProvider,
  createAzureCommunicationCallAdapter,
  createAzureCommunicationCallAdapterFromClient,
  createStatefulCallClient,
  type StatefulCallClient,
} from "@azure/communication-react";

export async function adapter(token: string): Promise<CallAdapter> {
  return createAzureCommunicationCallAdapter({
    userId: { communicationUserId: "8:acs:x" },
    displayName: "A",
    credential: new AzureCommunicationTokenCredential(token),
    locator: { roomId: "1" },
  });
}
export async function stateful(token: string): Promise<CallAdapter> {
  const client: StatefulCallClient = createStatefulCallClient({
    userId: { communicationUserId: "8:acs:x" },
  });
  const agent = await client.createCallAgent(new AzureCommunicationTokenCredential(token));
  return createAzureCommunicationCallAdapterFromClient(client, agent as CallAgent, { roomId: "1" });
}
export function Page(props: {
  adapter: CallAdapter;
  client: StatefulCallClient;
  agent: CallAgent;
  call: Call;
}) {
  return (
    <CallClientProvider callClient={props.client}>
      <CallAgentProvider callAgent={props.agent}>
        <CallProvider call={props.call}>
          <CallComposite adapter={props.adapter} />
        </CallProvider>
      </CallAgentProvider>
    </CallClientProvider>
  );
}
export const all = [
  CallClient,
  Features,
  LocalVideoStream,
  VideoStreamRenderer,
  DiagnosticQuality,
  CallKind,
  CallAgentKind,
];
