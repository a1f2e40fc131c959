// @vitest-environment happy-dom
/** Errors of pictures on the page, each by what brings it about. */
import { expect, test } from "vitest";
import { FAILURES } from "../../src/kernel/errors.js";
import { OF_STREAMS } from "./of-streams.js";
import { thrownBy } from "./row.js";

test.each(Object.entries(OF_STREAMS))("%s", async (name, way) => {
  const { code, subCode, message } = FAILURES[name as keyof typeof OF_STREAMS];

  const error = await thrownBy(way);

  expect({ ...error }).toMatchObject({ code, subCode, name: "CommunicationServicesError" });
  expect(error.message).toContain(message);
});
