/** Reads the reasons of differences, and holds them against the differences that there are. */

/**
 * What each difference is explained with. Lines that begin with `;` are for readers. A paragraph that begins with `# ` is a reason; the lines
 * below it, up to the next one, are the differences that it explains.
 */
export function parse(text) {
  const reasons = new Map();
  let reason = "";
  let isReason = false;
  for (const line of text.split("\n").map((one) => one.trim())) {
    if (line.startsWith("# ")) {
      reason = isReason ? `${reason} ${line.slice(2)}` : line.slice(2);
      isReason = true;
    } else if (line !== "" && !line.startsWith(";")) {
      isReason = false;
      if (reason === "") throw new Error(`differences.txt: no reason above: ${line}`);
      if (reasons.has(line)) throw new Error(`differences.txt: twice: ${line}`);
      reasons.set(line, reason);
    }
  }
  return reasons;
}

/** A line for each difference without a reason, and for each reason without a difference. */
export function judge(found, reasons) {
  const unexplained = [...found].filter(([key]) => !reasons.has(key));
  const unneeded = [...reasons.keys()].filter((key) => !found.has(key));
  return [
    ...unexplained.map(([key, message]) => `not explained: ${key}\n${indent(message)}`),
    ...unneeded.map((key) => `explained, but no difference any more: ${key}`),
  ];
}

function indent(message) {
  return message.replace(/^/gm, "    ");
}
