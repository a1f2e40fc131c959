/** Every end has words. */
import { describe, expect, test } from "vitest";
import { isUnreachable, reasonFor } from "../src/shared/reasons.js";

const DOCUMENTED: readonly (readonly [number, number])[] = [
  [0, 0],
  [0, 4097],
  [0, 4521],
  [0, 5000],
  [0, 5003],
  [0, 5300],
  [0, 5317],
  [0, 5854],
  [0, 7000],
  [0, 7015],
  [0, 560000],
  [400, 5751],
  [401, 10009],
  [403, 5828],
  [403, 5829],
  [403, 5830],
  [403, 10124],
  [403, 510403],
  [404, 404],
  [404, 5732],
  [408, 4506],
  [408, 10057],
  [410, 3100],
  [410, 3101],
  [410, 3111],
  [410, 3112],
  [410, 301004],
  [410, 301005],
  [413, 5808],
  [429, 10110],
  [430, 10315],
  [480, 10037],
  [480, 10076],
  [486, 560486],
  [487, 0],
  [487, 10003],
  [487, 10004],
  [487, 10024],
  [490, 4502],
  [495, 4507],
  [496, 7],
  [503, 0],
  [503, 560503],
  [603, 0],
  [409, 40228],
  [408, 40101],
  [408, 40104],
  [412, 40115],
  [500, 40216],
];

const UNKNOWN = reasonFor({ code: 777, subCode: 1 });

describe("a documented end", () => {
  test.each(DOCUMENTED)("%i/%i has words of its own", (code, subCode) => {
    const reason = reasonFor({ code, subCode });

    expect(reason).not.toBe(UNKNOWN);
    expect(reason.title).toMatch(/^\p{Lu}.*[^.]$/u);
    expect(reason.text).toMatch(/\.$/);
  });

  test.each(DOCUMENTED)("%i/%i is told without its numbers", (code, subCode) => {
    const { title, text } = reasonFor({ code, subCode });

    expect(`${title} ${text}`).not.toMatch(/\d/);
  });
});

describe("an end that nobody documented", () => {
  test("is told too", () => {
    expect(UNKNOWN.title).toBe("The call has ended");
    expect(UNKNOWN.again).toBe("Join again");
  });

  test("takes the words of its code where there are some", () => {
    expect(reasonFor({ code: 503, subCode: 99 })).toBe(reasonFor({ code: 503, subCode: 0 }));
  });
});

describe("the way back", () => {
  test.each([
    [0, 0],
    [496, 7],
    [410, 301005],
    [403, 5828],
    [403, 5829],
    [413, 5808],
    [0, 5317],
    [503, 0],
  ])("is offered after %i/%i", (code, subCode) => {
    expect(reasonFor({ code, subCode }).again).toBeDefined();
  });

  test.each([
    [401, 10009],
    [495, 4507],
    [404, 5732],
    [400, 5751],
    [0, 5300],
    [0, 4097],
    [0, 7000],
  ])("is not offered after %i/%i, where it leads nowhere", (code, subCode) => {
    expect(reasonFor({ code, subCode }).again).toBeUndefined();
  });
});

describe("a server that was not reached", () => {
  test.each([
    [490, 4502],
    [408, 40101],
    [408, 40104],
    [408, 40114],
    [412, 40115],
  ])("is seen in %i/%i", (code, subCode) => {
    expect(isUnreachable({ code, subCode })).toBe(true);
  });

  test.each([
    [403, 5828],
    [408, 4506],
    [503, 0],
    [0, 0],
  ])("is not seen in %i/%i", (code, subCode) => {
    expect(isUnreachable({ code, subCode })).toBe(false);
  });
});
