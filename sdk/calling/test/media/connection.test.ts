/** Making another room after every loss, and giving up. */
import { beforeEach, describe, expect, test } from "vitest";
import { MediaConnection, type MediaEnd } from "../../src/media/connection.js";
import { MediaRefused } from "../../src/media/port.js";
import { ManualClock, settled } from "../fakes/clock.js";
import { quiet } from "../fakes/log.js";
import { FakeEngine, type FakeRoom } from "../fakes/room.js";

const ADDRESS = { url: "ws://server/calling/v1/media", ticket: "ticket-1" };

let clock: ManualClock;
let engine: FakeEngine;
let heard: string[];
let connection: MediaConnection;
let end: MediaEnd | undefined;

beforeEach(() => {
  clock = new ManualClock();
  engine = new FakeEngine();
  heard = [];
  end = undefined;
  connection = makeConnection();
  void connection.run(ADDRESS).then((ended) => {
    end = ended;
  });
});

function makeConnection(): MediaConnection {
  const ignore = (): void => undefined;
  return new MediaConnection(
    { makeRoom: engine.makeRoom, clock, chance: () => 0.5, log: quiet, patienceMs: 120_000 },
    {
      onUp: () => heard.push("up"),
      onDown: () => heard.push("down"),
      onFeeds: ignore,
      onSpeakers: ignore,
      onTakenAway: ignore,
      onUnreachable: ignore,
      onAnswered: () => heard.push("answered"),
      onPlayback: ignore,
    },
  );
}

async function up(number: number): Promise<void> {
  (await engine.room(number)).accept();
  await settled();
}

async function lose(number: number): Promise<void> {
  (await engine.room(number)).end();
  await settled();
}

describe("what is made ready beforehand", () => {
  let early: MediaConnection;

  beforeEach(() => {
    engine = new FakeEngine();
    early = makeConnection();
    early.prepare();
    early.prepare();
  });

  test("is the first room, which connects when its address is known", async () => {
    const before = engine.rooms.length;

    void early.run(ADDRESS);
    await up(1);

    expect(before).toBe(0);
    expect(engine.rooms).toEqual(engine.made);
    expect(engine.rooms.map(({ address }) => address)).toEqual([ADDRESS]);
  });

  test("is closed when nothing comes of it, and nothing is made ready after that", async () => {
    await early.close();
    early.prepare();

    expect(engine.made.map(({ isClosed }) => isClosed)).toEqual([true]);
  });

  test("is used once", async () => {
    void early.run(ADDRESS);
    await up(1);
    await lose(1);
    await clock.passWhenAsked(50);
    await up(2);

    expect(engine.rooms.map(({ isPrepared }) => isPrepared)).toEqual([true, false]);
  });
});

describe("what is connected beforehand", () => {
  let early: MediaConnection;

  beforeEach(() => {
    engine = new FakeEngine();
    early = makeConnection();
    early.prepare(ADDRESS);
  });

  const first = (): FakeRoom => engine.made[0] as FakeRoom;

  test("is not told of before it is known that it may be", async () => {
    first().accept();
    const before = [...heard];

    void early.run(ADDRESS);
    await settled();

    expect(before).toEqual([]);
    expect(heard).toEqual(["answered", "up"]);
    expect(engine.made.map((room) => room.early)).toEqual([ADDRESS]);
  });

  test("is given up for another ticket", async () => {
    first().accept();

    void early.run({ ...ADDRESS, ticket: "ticket-2" });
    await up(1);

    expect(engine.rooms.map(({ address }) => address?.ticket)).toEqual(["ticket-2"]);
    expect(engine.made.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    expect(heard).toEqual(["answered", "up"]);
  });

  test.each([
    ["was refused", new MediaRefused(401, 10_009, "No such ticket.")],
    ["came to nothing", new Error("The connection was lost.")],
  ])("is made again at once when it %s", async (_, error) => {
    first().fail(error);

    void early.run(ADDRESS);
    await up(2);

    expect(heard).toEqual(["answered", "up"]);
    expect(engine.rooms.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  });

  test("is over when it was refused in time as well", async () => {
    const refused = new MediaRefused(410, 5_000, "Over.");
    first().fail(refused);

    const over = early.run(ADDRESS);
    (await engine.room(2)).fail(refused);

    expect(await over).toEqual({ kind: "refused", why: refused });
  });

  test("is closed when nothing comes of it", async () => {
    await early.close();

    expect(first().isClosed).toBe(true);
    expect(heard).toEqual([]);
  });
});

describe("after a loss", () => {
  test("another room is made at once, with the same ticket", async () => {
    await up(1);

    await lose(1);
    await clock.passWhenAsked(50);
    await up(2);

    expect(heard).toEqual(["answered", "up", "down", "answered", "up"]);
    expect(engine.rooms.map(({ address }) => address)).toEqual([ADDRESS, ADDRESS]);
  });

  test("the old room is closed before the new one is made", async () => {
    await up(1);

    await lose(1);

    expect(engine.rooms).toHaveLength(1);
    expect(engine.rooms[0]?.isClosed).toBe(true);
  });

  test("only who goes for good says farewell: it would be taken for hanging up", async () => {
    await up(1);
    await lose(1);
    await clock.passWhenAsked(50);
    await up(2);

    await connection.close();

    expect(engine.rooms.map(({ saidFarewell }) => saidFarewell)).toEqual([false, true]);
  });

  test("failed tries come slower and slower", async () => {
    await up(1);
    await lose(1);
    await clock.passWhenAsked(50);
    (await engine.room(2)).fail(new Error("connection refused"));
    await clock.passWhenAsked(200);
    (await engine.room(3)).fail(new Error("connection refused"));
    await clock.passWhenAsked(400);
    await up(4);

    expect(heard).toEqual(["answered", "up", "down", "answered", "up"]);
  });

  test("a changed network makes the next try come at once", async () => {
    await up(1);
    await lose(1);

    connection.hurry();
    await up(2);

    expect(heard).toEqual(["answered", "up", "down", "answered", "up"]);
  });

  test("a try that hangs is left and made again", async () => {
    await engine.room(1);

    await clock.passWhenAsked(25_000);
    await clock.passWhenAsked(50);
    await up(2);

    expect(engine.rooms[0]?.isClosed).toBe(true);
    expect(heard).toEqual(["answered", "up"]);
  });

  test("a room that flaps is made again slower, one that stood is made again at once", async () => {
    await up(1);
    await lose(1);
    await clock.passWhenAsked(50);
    await up(2);
    await lose(2);
    await clock.passWhenAsked(200);
    await up(3);
    await clock.pass(5_000);
    await lose(3);
    await clock.passWhenAsked(50);

    expect(engine.rooms).toHaveLength(4);
  });
});

describe("the end", () => {
  test("media that was up is given up when it stays away too long", async () => {
    await up(1);
    await lose(1);

    await clock.pass(119_900);
    (await engine.room(2)).fail(new Error("no route"));
    await clock.passWhenAsked(200);
    (await engine.room(3)).fail(new Error("no route"));
    await settled();

    expect(end).toEqual({ kind: "lost", wasUp: true });
  });

  test("media that never came up is given up, too", async () => {
    (await engine.room(1)).fail(new Error("no route"));
    await settled();
    await clock.pass(120_000);
    (await engine.room(2)).fail(new Error("no route"));
    await settled();

    expect(end).toEqual({ kind: "lost", wasUp: false });
  });

  test("a refusal ends it, with the gate's code", async () => {
    await up(1);
    await lose(1);
    await clock.passWhenAsked(50);
    const refusal = new MediaRefused(0, 5317, "Removed from the room.");
    (await engine.room(2)).fail(refusal);
    await settled();

    expect(end).toEqual({ kind: "refused", why: refusal });
  });

  test("closing ends it, connected or on the way", async () => {
    await up(1);

    await connection.close();
    await settled();

    expect(end).toEqual({ kind: "closed" });
    expect(heard).toEqual(["answered", "up"]);
    expect(engine.rooms[0]?.isClosed).toBe(true);
  });

  test("closing while it waits makes no further room", async () => {
    await up(1);
    await lose(1);

    await connection.close();
    await clock.pass(10_000);

    expect(end).toEqual({ kind: "closed" });
    expect(engine.rooms).toHaveLength(1);
  });
});
