/** What the call page says above the composite. */
import { describe, expect, test } from "vitest";
import { News, newsOfEnd, newsOfEnding } from "../src/call/news.js";

const NOW = new Date("2026-01-01T12:00:00Z");

describe("the end of a call", () => {
  test.each([
    [0, 0],
    [403, 5828],
    [403, 5829],
    [404, 5732],
    [0, 5317],
    [0, 5300],
    [603, 0],
    [487, 10004],
    [480, 10037],
  ])("is left to the composite where it has words: %i/%i", (code, subCode) => {
    expect(newsOfEnd({ code, subCode })).toBeUndefined();
  });

  test.each([
    [413, 5808, "The room is full"],
    [0, 4097, "The call has ended"],
    [0, 7000, "The call has ended"],
    [410, 301005, "The connection was lost"],
    [401, 10009, "Your link is no longer valid"],
  ])("is told where the composite only says that one left: %i/%i", (code, subCode, title) => {
    expect(newsOfEnd({ code, subCode })).toMatchObject({ kind: "ended", title });
  });
});

describe("the warning that a room closes", () => {
  test("says in how many minutes", () => {
    const news = newsOfEnding(new Date(NOW.getTime() + 5 * 60_000), NOW);

    expect(news.text).toContain("(in 5 min)");
  });

  test("says so when it is a matter of seconds", () => {
    const news = newsOfEnding(new Date(NOW.getTime() + 20_000), NOW);

    expect(news.text).toContain("(in less than a minute)");
  });
});

describe("news", () => {
  test("is told to whoever follows, until he stops", () => {
    const news = new News();
    const told: unknown[] = [];
    const stop = news.follow(() => told.push([news.item()?.title, news.refused()]));

    news.tell(newsOfEnd({ code: 413, subCode: 5808 }));
    news.markRefused(true);
    stop();
    news.tell(undefined);

    expect(told).toEqual([
      ["The room is full", false],
      ["The room is full", true],
    ]);
  });
});
