/** Raw ids and the identifier objects that apps compare and show. */
import type { CommunicationIdentifierKind } from "@azure/communication-common";

/**
 * A raw id as an identifier of the "kind" form. A new object each time: an app may freeze it.
 *
 * Apps read `rawId` on users as well, so it is there although the common package does not name it.
 */
export function identifierOf(rawId: string): CommunicationIdentifierKind {
  if (rawId.startsWith("4:")) {
    return { kind: "phoneNumber", phoneNumber: rawId.slice(2), rawId };
  }
  if (rawId.startsWith("8:acs:")) {
    const user = { kind: "communicationUser", communicationUserId: rawId, rawId } as const;
    return user;
  }
  return { kind: "unknown", id: rawId };
}
