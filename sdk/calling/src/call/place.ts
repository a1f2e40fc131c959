/** Where a call takes place: in a room, under a group id, or nowhere but between people. */
import { FAILURES, raise } from "../kernel/errors.js";
import { isFields } from "../kernel/values.js";

/** A room, a group id, or neither. */
export interface Place {
  readonly roomId?: string;
  readonly groupId?: string;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What a locator names. Throws when it names no one place, or a group id that is no GUID. */
export function placeIn(locator: unknown): Place {
  if (!isFields(locator)) throw raise(FAILURES.badLocator);
  const { roomId, groupId } = locator;
  if ((roomId === undefined) === (groupId === undefined)) throw raise(FAILURES.badLocator);
  if (roomId !== undefined) {
    if (typeof roomId !== "string" || roomId === "") throw raise(FAILURES.badLocator);
    return { roomId };
  }
  if (typeof groupId !== "string" || !GUID.test(groupId)) throw raise(FAILURES.badGroupId);
  return { groupId: groupId.toLowerCase() };
}

/** Whether two places are one and the same; nowhere is no place. */
export function isSamePlace(one: Place, other: Place): boolean {
  const key = ({ roomId, groupId }: Place): string => (roomId ? `r${roomId}` : `g${groupId}`);
  return !isNowhere(one) && key(one) === key(other);
}

/** Whether a call takes place between people only. */
export function isNowhere({ roomId, groupId }: Place): boolean {
  return !roomId && !groupId;
}
