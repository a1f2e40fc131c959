// An app that takes the UI library's state of calls, and draws the page itself.
import { AzureCommunicationTokenCredential } from "@azure/communication-common";
import { useThroughAdapter } from "./adapter.js";
import { useStateful } from "./stateful.js";

const invitation = new URLSearchParams(location.hash.slice(1));
const ways = { adapter: useThroughAdapter, stateful: useStateful };

/** The user of a token, as the samples of the library find him. */
function userOf(token) {
  const claims = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
  return { communicationUserId: `8:${claims.skypeid}` };
}

const token = invitation.get("token");
ways[new URLSearchParams(location.search).get("way")]({
  userId: userOf(token),
  credential: new AzureCommunicationTokenCredential(token),
  displayName: invitation.get("name"),
  locator: { roomId: invitation.get("room") },
});
