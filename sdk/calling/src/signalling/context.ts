/** What a caller's app gives its call to take along: checked before it goes, read where it rings. */
import type { CustomContext, CustomContextHeader } from "../api/phones.js";
import { FAILURES, raise } from "../kernel/errors.js";
import { type Fields, fieldsOf, isFields, listOf, textOf } from "../kernel/values.js";

const LONGEST = 1_024;
const LONGEST_KEY = 64;
const LONGEST_SIP_VALUE = 256;
const MOST_SIP = 5;
const MOST_VOIP = 50;

/** The context of the options as a field of the request. Throws 400/49026 for what is none. */
export function contextFields(
  options: { readonly customContext?: CustomContext | undefined } | undefined,
): object {
  const given: unknown = options?.customContext ?? undefined;
  if (given === undefined) return {};
  if (typeof given !== "object") throw raise(FAILURES.badContext);
  const { userToUser, sipHeaders, voipHeaders, xHeaders } = given as CustomContext;
  if (userToUser !== undefined && !isText(userToUser, LONGEST)) throw raise(FAILURES.badContext);
  const sip = checked(sipHeaders, LONGEST_SIP_VALUE)?.slice(0, MOST_SIP);
  const voip = checked(voipHeaders ?? xHeaders, LONGEST);
  if (voip !== undefined && voip.length > MOST_VOIP) throw raise(FAILURES.badContext);
  return {
    customContext: {
      ...(userToUser === undefined ? {} : { userToUser }),
      ...(sip === undefined ? {} : { sipHeaders: sip }),
      ...(voip === undefined ? {} : { voipHeaders: voip }),
    },
  };
}

/** The context of a call that rings. */
export function readContext(message: Fields): CustomContext | undefined {
  const context = fieldsOf(message, "customContext");
  if (context === undefined) return undefined;
  const userToUser = textOf(context, "userToUser");
  const voipHeaders = headersIn(context, "voipHeaders");
  return {
    ...(userToUser === undefined ? {} : { userToUser }),
    sipHeaders: headersIn(context, "sipHeaders"),
    voipHeaders,
    xHeaders: voipHeaders,
  };
}

function checked(given: unknown, longest: number): CustomContextHeader[] | undefined {
  if (given === undefined || given === null) return undefined;
  if (!Array.isArray(given)) throw raise(FAILURES.badContext);
  return given.map((header: unknown) => {
    const { key, value } = (header ?? {}) as CustomContextHeader;
    const fits = isText(key, LONGEST_KEY) && key !== "" && isText(value, longest);
    if (!fits) throw raise(FAILURES.badContext);
    return { key, value };
  });
}

function headersIn(context: Fields, name: string): CustomContextHeader[] {
  return listOf(context, name)
    .filter(isFields)
    .map((header) => ({
      key: textOf(header, "key") ?? "",
      value: textOf(header, "value") ?? "",
    }));
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === "string" && value.length <= longest;
}
