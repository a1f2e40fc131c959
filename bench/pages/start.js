// A page that does nothing but make a call agent, and notes when it has one.
import { AzureCommunicationTokenCredential } from "@azure/communication-common";
import { CallClient } from "@openrooms/calling";

async function start() {
  const credential = new AzureCommunicationTokenCredential(location.hash.slice(1));
  await new CallClient().createCallAgent(credential);
  globalThis.tookToAgent = performance.now();
}

void start();
