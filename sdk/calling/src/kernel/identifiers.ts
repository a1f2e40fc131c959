/** Raw ids and the identifier objects that apps compare and show. */
import type {
  CommunicationIdentifierKind,
  CommunicationUserKind,
} from "@azure/communication-common";
import { isFields, textOf } from "./values.js";

const USER = "8:acs:";
const PHONE = "4:";

/**
 * A raw id as an identifier of the "kind" form. A new object each time: an app may freeze it.
 *
 * Apps read `rawId` on users as well, so it is there although the common package does not name it.
 */
export function identifierOf(rawId: string): CommunicationIdentifierKind {
  if (rawId.startsWith(PHONE)) {
    return { kind: "phoneNumber", phoneNumber: rawId.slice(PHONE.length), rawId };
  }
  if (rawId.startsWith(USER)) return userOf(rawId);
  return { kind: "unknown", id: rawId };
}

/** A user's raw id as an identifier: only users raise hands and react. */
export function userOf(rawId: string): CommunicationUserKind {
  const user = { kind: "communicationUser", communicationUserId: rawId, rawId } as const;
  return user;
}

/**
 * The raw id that an identifier of any form stands for, `{id}` of older apps among them; undefined
 * when it is no identifier.
 */
export function rawIdOf(identifier: unknown): string | undefined {
  if (!isFields(identifier)) return undefined;
  const phone = textOf(identifier, "phoneNumber");
  const named =
    textOf(identifier, "communicationUserId") ??
    (phone && `${PHONE}${phone}`) ??
    textOf(identifier, "rawId") ??
    textOf(identifier, "id");
  return named || undefined;
}

/** Whether a raw id is that of a user, of whatever resource. */
export function isUser(rawId: string): boolean {
  return rawId.startsWith(USER);
}
