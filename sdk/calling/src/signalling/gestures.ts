/** Hands, spotlights and media access as the server tells them: always the whole. */
import { type Fields, fieldsOf, isFields, listOf, textOf } from "../kernel/values.js";

/** Whether attendees may speak and show themselves. */
export interface Access {
  readonly audio: boolean;
  readonly video: boolean;
}

/** What people have done in a call that others see. Raw ids, in the order in which they came. */
export interface Gestures {
  readonly hands: readonly string[];
  readonly spotlights: readonly string[];
  readonly access: Access;
  /** For whom something else holds than for all. */
  readonly others: ReadonlyMap<string, Access>;
}

/** Nothing has been done yet. */
export const NO_GESTURES: Gestures = {
  hands: [],
  spotlights: [],
  access: { audio: true, video: true },
  others: new Map(),
};

/** Reads them from the fields of a message. */
export function readGestures(fields: Fields): Gestures {
  const access = fieldsOf(fields, "mediaAccess") ?? {};
  const others = listOf(access, "others").flatMap((one) => {
    const rawId = isFields(one) ? textOf(one, "rawId") : undefined;
    return isFields(one) && rawId ? [[rawId, readAccess(one)] as const] : [];
  });
  return {
    hands: readTexts(fields, "hands"),
    spotlights: readTexts(fields, "spotlights"),
    access: readAccess(access),
    others: new Map(others),
  };
}

function readAccess(fields: Fields): Access {
  return { audio: fields["audio"] !== false, video: fields["video"] !== false };
}

function readTexts(fields: Fields, key: string): string[] {
  return listOf(fields, key).filter((one): one is string => typeof one === "string");
}
