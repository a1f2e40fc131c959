/** What can go wrong when the app asks for something, with the codes apps already know. */

/** A failure of a request to the SDK: a real `Error` with a code and a more exact sub code. */
export class CommunicationServicesError extends Error {
  /** The kind of failure, in the manner of HTTP: 400 wrong use, 403 not allowed, 412 not now. */
  readonly code: number;
  /** The exact failure. */
  readonly subCode: number;

  constructor(code: number, subCode: number, message: string) {
    super(message);
    this.name = "CommunicationServicesError";
    this.code = code;
    this.subCode = subCode;
  }
}

/** A code and sub code with the words that explain them. */
export interface Failure {
  readonly code: number;
  readonly subCode: number;
  readonly message: string;
}

const failure = (code: number, subCode: number, message: string): Failure => ({
  code,
  subCode,
  message,
});

/**
 * Every failure that this version raises. Sub codes from 49000 on are ours: the API that we follow
 * documents none for these cases.
 */
export const FAILURES = {
  agentTimeout: failure(408, 40104, "The server did not answer in time."),
  serverAway: failure(412, 40115, "The server cannot be reached."),
  agentFailed: failure(500, 40216, "The call agent could not be made."),
  agentExists: failure(409, 40228, "There is a call agent for this client or user already."),
  tokenRefused: failure(401, 10009, "The token is not valid."),
  speakersUnsupported: failure(405, 40606, "This browser cannot choose a speaker."),
  nothingAsked: failure(400, 40612, "Ask for audio, for video, or for both."),
  permissionFailed: failure(500, 40614, "The permission could not be asked for."),
  notRinging: failure(400, 41006, "This call does not ring any more."),
  notRejectable: failure(400, 41007, "This call does not ring any more."),
  muteFailed: failure(500, 41015, "The microphone could not be muted for the others."),
  unmuteFailed: failure(500, 41016, "The microphone could not be opened."),
  badVideoStream: failure(400, 41025, "This is not a LocalVideoStream that can be sent."),
  videoStarted: failure(400, 41027, "Video is on already."),
  videoStopped: failure(400, 41030, "Video is off already."),
  otherVideoStream: failure(400, 41032, "This is not the stream that is being sent."),
  holdFailed: failure(500, 41033, "The call could not be put on hold."),
  resumeFailed: failure(500, 41034, "The call could not be resumed."),
  shareStarted: failure(400, 41035, "Screen sharing is on already."),
  shareStopped: failure(400, 41041, "Screen sharing is off already."),
  notInCall: failure(400, 41054, "This participant is not in the call."),
  shareTooEarly: failure(412, 41071, "Screen sharing needs a call that is Connected."),
  cameraInUse: failure(412, 43000, "The camera is in use by something else."),
  cameraDenied: failure(403, 43001, "The browser was not allowed to use the camera."),
  captureFailed: failure(500, 43002, "The device could not be opened."),
  badSource: failure(400, 43004, "This is not a camera."),
  sameSource: failure(400, 43005, "This camera is in use by this stream already."),
  noCamera: failure(412, 43013, "No camera was found."),
  cameraStopped: failure(412, 43014, "The camera gave no picture."),
  promptTimeout: failure(412, 43015, "Nobody answered whether the camera may be used."),
  deniedBySystem: failure(412, 43016, "The system does not let the browser use this."),
  cameraUnsupported: failure(
    412,
    43017,
    "This page cannot use cameras: it needs https or localhost.",
  ),
  cameraConstraints: failure(412, 43018, "The camera cannot do what was asked of it."),
  streamUnavailable: failure(412, 43200, "This stream is not available now."),
  streamGone: failure(404, 43202, "This stream went away."),
  noFrames: failure(408, 43203, "This stream sent nothing in time."),
  rendererDisposed: failure(405, 43209, "The renderer was disposed."),
  rendererDisposedTwice: failure(400, 43210, "The renderer was disposed already."),
  accessTooEarly: failure(412, 46505, "Media access needs a call that is Connected."),
  roleRestricted: failure(403, 49001, "The role in this room does not allow it."),
  featureNotSupported: failure(405, 49002, "This version does not have this feature."),
  shareRefused: failure(403, 49003, "The browser was not allowed to share the screen."),
  badLocator: failure(400, 49004, "Give what to join: {roomId: string} or {groupId: GUID}."),
  badGroupId: failure(400, 10044, "The group id is not a GUID."),
  joinedAlready: failure(409, 49005, "This call agent is in this call already."),
  agentDisposed: failure(412, 49006, "The call agent was disposed."),
  notForEveryone: failure(403, 49007, "In this call nobody can hang up for everyone."),
  microphoneDenied: failure(403, 49008, "The browser was not allowed to use the microphone."),
  noMicrophone: failure(412, 49009, "No microphone was found."),
  badDevice: failure(400, 49010, "This is not one of the devices that were listed."),
  callEnded: failure(412, 49011, "The call has ended."),
  badIdentifier: failure(400, 49012, "Give users of this resource, other than the own one."),
  notConnected: failure(412, 49013, "This needs a call that is Connected."),
  badInterval: failure(400, 49015, "Intervals and their number are whole numbers from 1 to 60."),
  badSurvey: failure(400, 49018, "This is not a survey."),
  phonesUnsupported: failure(405, 49014, "This version calls no telephones."),
  badReaction: failure(400, 49017, "This is not one of the reactions."),
  badConstraints: failure(
    400,
    49019,
    "Give limits as numbers from 0: {video: {send: {bitrate: {max}}}}.",
  ),
  badData: failure(400, 49020, "Give bytes, at most 32768 of them: a Uint8Array."),
  badChannel: failure(400, 49021, "This is not how a data channel is opened: see its options."),
  tooManyRecipients: failure(400, 49022, "A data channel is for 64 participants, or for all."),
  channelClosed: failure(412, 49023, "This sender was closed."),
  tooFast: failure(429, 49024, "This is more than can be sent now. Try again in a moment."),
  badText: failure(400, 49025, "Give a text of at most 2000 characters."),
  badContext: failure(400, 49026, "This is not a custom context, or it is too large."),
  microphonesFull: failure(
    412,
    49027,
    "As many microphones are open in this call as may be. Try again when somebody has muted.",
  ),
  badAudioStream: failure(400, 49016, "This is not a LocalAudioStream."),
} as const;

/** The error to throw for a failure, with words of its own where those say more. */
export function raise(what: Failure, message?: string): CommunicationServicesError {
  return new CommunicationServicesError(what.code, what.subCode, message ?? what.message);
}
