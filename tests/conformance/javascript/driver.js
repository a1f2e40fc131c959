// Drives the official JavaScript SDKs, unchanged: a call in JSON on each line of stdin, its result on
// stdout. `node driver.js ROOMS IDENTITY` picks the versions, by the names that package.json gives them.

import process from "node:process";
import { createInterface } from "node:readline";

const [roomsName, identityName] = process.argv.slice(2);
const { RoomsClient } = await import(roomsName);
const { CommunicationIdentityClient } = await import(identityName);

let rooms;
let identities;

const user = (rawId) => ({ communicationUserId: rawId });
const participant = ({ rawId, role }) => ({ id: user(rawId), ...(role && { role }) });

/** The given options as the SDK takes them: dates as `Date`, participants as identifiers. */
function options({ validFrom, validUntil, participants, ...others }) {
  return {
    ...others,
    ...(validFrom && { validFrom: new Date(validFrom) }),
    ...(validUntil && { validUntil: new Date(validUntil) }),
    ...(participants && { participants: participants.map(participant) }),
  };
}

/** What the SDK tells of a room. */
const told = (room) => ({
  id: room.id,
  createdAt: (room.createdOn ?? room.createdAt).toISOString(),
  validFrom: room.validFrom.toISOString(),
  validUntil: room.validUntil.toISOString(),
  ...("pstnDialOutEnabled" in room && { pstnDialOutEnabled: room.pstnDialOutEnabled }),
});

const lifetime = (minutes) => (minutes === undefined ? {} : { tokenExpiresInMinutes: minutes });

// Rooms 1.0 and 1.1 neither wait for a change of a roster nor let anybody else wait: what becomes of one
// is heard with its answer or, where the SDK itself refuses, from the promise that nobody holds.
let lose = () => undefined;
process.on("unhandledRejection", (error) => lose(error));

const changed = (change) =>
  new Promise((resolve, reject) => {
    lose = reject;
    const onResponse = (_raw, _flat, error) => (error ? reject(error) : resolve());
    change({ onResponse }).catch(reject);
  });

const calls = {
  connect: async ({ connectionString }) => {
    rooms = new RoomsClient(connectionString);
    identities = new CommunicationIdentityClient(connectionString);
  },
  createRoom: async (given) => told(await rooms.createRoom(options(given))),
  getRoom: async ({ roomId }) => told(await rooms.getRoom(roomId)),
  updateRoom: async ({ roomId, ...given }) => told(await rooms.updateRoom(roomId, options(given))),
  deleteRoom: async ({ roomId }) => {
    await rooms.deleteRoom(roomId);
  },
  listRooms: async () => {
    const pages = [];
    for await (const page of rooms.listRooms().byPage()) pages.push(page.map(({ id }) => id));
    return pages;
  },
  listParticipants: async ({ roomId }) => {
    const roster = [];
    for await (const { id, role } of rooms.listParticipants(roomId)) {
      roster.push([id.communicationUserId, role]);
    }
    return roster;
  },
  addOrUpdateParticipants: async ({ roomId, participants }) => {
    const people = participants.map(participant);
    await changed((heard) => rooms.addOrUpdateParticipants(roomId, people, heard));
  },
  removeParticipants: async ({ roomId, participants }) => {
    await changed((heard) => rooms.removeParticipants(roomId, participants.map(user), heard));
  },
  createUser: async () => (await identities.createUser()).communicationUserId,
  createUserAndToken: async ({ scopes, minutes }) => {
    const made = await identities.createUserAndToken(scopes, lifetime(minutes));
    return [made.user.communicationUserId, made.token];
  },
  getToken: async ({ user: who, scopes, minutes }) =>
    (await identities.getToken(user(who), scopes, lifetime(minutes))).token,
  revokeTokens: async ({ user: who }) => {
    await identities.revokeTokens(user(who));
  },
  deleteUser: async ({ user: who }) => {
    await identities.deleteUser(user(who));
  },
  getTokenForTeamsUser: async ({ token, appId, userId }) => {
    const asked = { teamsUserAadToken: token, clientId: appId, userObjectId: userId };
    return (await identities.getTokenForTeamsUser(asked)).token;
  },
};

/** What the SDK tells of a refusal. Where it tells only the code, the rest is read from the answer it kept. */
function refusal(error) {
  const kept = JSON.parse(error.response.bodyAsText ?? "{}").error ?? {};
  return {
    kind: error.name,
    status: error.statusCode,
    code: error.code ?? kept.code,
    message: kept.message,
    target: kept.target ?? null,
    details: (kept.details ?? []).map(({ code, message, target }) => [code, message, target]),
  };
}

async function answer({ do: name, with: given }) {
  try {
    return { ok: (await calls[name](given)) ?? null };
  } catch (error) {
    if (error.statusCode === undefined) throw error;
    return { error: refusal(error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
