// Drives the official JavaScript SDKs, unchanged: a call in JSON on each line of stdin, its result on
// stdout. `node driver.js ROOMS IDENTITY` picks the versions, by the names that package.json gives them.
// With each result goes every answer that the SDK heard, as its option `onResponse` tells it.

import process from "node:process";
import { createInterface } from "node:readline";

const [roomsName, identityName] = process.argv.slice(2);
const { RoomsClient } = await import(roomsName);
const { CommunicationIdentityClient } = await import(identityName);

let rooms;
let identities;
// What was heard since the call began.
let heard = [];

const hear = (status, headers, { headers: sent }) =>
  heard.push({ status, headers, requestId: sent.get("x-ms-client-request-id") ?? null });
const onResponse = (raw) => hear(raw.status, raw.headers.toJSON(), raw.request);
const hearing = { onResponse };

// Identity 1.0 has no `onResponse`: its answers are heard where its HTTP client hands them to it.
async function identityOptions() {
  if (identityName !== "identity-1.0") return {};
  const { DefaultHttpClient } = await import("@azure/core-http");
  const httpClient = new DefaultHttpClient();
  const sendRequest = async (request) => {
    const answer = await httpClient.sendRequest(request);
    hear(answer.status, answer.headers.rawHeaders(), request);
    return answer;
  };
  return { httpClient: { sendRequest } };
}

/** A `TokenCredential` of a client that an issuer of tokens knows. */
const credential = ({ issuer, client }) => ({
  getToken: async (scopes) => {
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: client,
      scope: [scopes].flat().join(" "),
    });
    const said = await (await fetch(`${issuer}/token`, { method: "POST", body })).json();
    return { token: said.access_token, expiresOnTimestamp: Date.now() + said.expires_in * 1000 };
  },
});

const user = (rawId) => ({ communicationUserId: rawId });
const participant = ({ rawId, role }) => ({ id: user(rawId), ...(role && { role }) });

/** The given options as the SDK takes them: dates as `Date`, participants as identifiers. */
function options({ validFrom, validUntil, participants, ...others }) {
  return {
    ...hearing,
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

const lifetime = (minutes) => ({
  ...hearing,
  ...(minutes === undefined ? {} : { tokenExpiresInMinutes: minutes }),
});

// Rooms 1.0 and 1.1 neither wait for a change of a roster nor let anybody else wait: what becomes of one
// is heard with its answer or, where the SDK itself refuses, from the promise that nobody holds.
let lose = () => undefined;
process.on("unhandledRejection", (error) => lose(error));

const changed = (change) =>
  new Promise((resolve, reject) => {
    lose = reject;
    const settle = (raw, _flat, error) => {
      onResponse(raw);
      return error ? reject(error) : resolve();
    };
    change({ onResponse: settle }).catch(reject);
  });

const calls = {
  connect: async ({ connectionString, endpoint, ...bearer }) => {
    const proof = connectionString ? [connectionString] : [endpoint, credential(bearer)];
    rooms = new RoomsClient(...proof);
    identities = new CommunicationIdentityClient(...proof, await identityOptions());
  },
  createRoom: async (given) => told(await rooms.createRoom(options(given))),
  getRoom: async ({ roomId }) => told(await rooms.getRoom(roomId, hearing)),
  updateRoom: async ({ roomId, ...given }) => told(await rooms.updateRoom(roomId, options(given))),
  deleteRoom: async ({ roomId }) => {
    await rooms.deleteRoom(roomId, hearing);
  },
  listRooms: async () => {
    const pages = [];
    const listed = rooms.listRooms(hearing).byPage();
    for await (const page of listed) pages.push(page.map(({ id }) => id));
    return pages;
  },
  listParticipants: async ({ roomId }) => {
    const roster = [];
    for await (const { id, role } of rooms.listParticipants(roomId, hearing)) {
      roster.push([id.communicationUserId, role]);
    }
    return roster;
  },
  addOrUpdateParticipants: async ({ roomId, participants }) => {
    const people = participants.map(participant);
    await changed((listening) => rooms.addOrUpdateParticipants(roomId, people, listening));
  },
  removeParticipants: async ({ roomId, participants }) => {
    const people = participants.map(user);
    await changed((listening) => rooms.removeParticipants(roomId, people, listening));
  },
  createUser: async () => (await identities.createUser(hearing)).communicationUserId,
  createUserAndToken: async ({ scopes, minutes }) => {
    const made = await identities.createUserAndToken(scopes, lifetime(minutes));
    return [made.user.communicationUserId, made.token];
  },
  getToken: async ({ user: who, scopes, minutes }) =>
    (await identities.getToken(user(who), scopes, lifetime(minutes))).token,
  revokeTokens: async ({ user: who }) => {
    await identities.revokeTokens(user(who), hearing);
  },
  deleteUser: async ({ user: who }) => {
    await identities.deleteUser(user(who), hearing);
  },
  getTokenForTeamsUser: async ({ token, appId, userId }) => {
    const asked = { teamsUserAadToken: token, clientId: appId, userObjectId: userId, ...hearing };
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
  heard = [];
  try {
    return { ok: (await calls[name](given)) ?? null, heard };
  } catch (error) {
    if (error.statusCode === undefined) throw error;
    return { error: refusal(error), heard };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
