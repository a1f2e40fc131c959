/** The documented errors that no app can meet here, and why. */
export const NOT_HERE: Readonly<Record<string, string>> = {
  "408/40101": "An agent is made in one step, whose time is up with 408/40104.",
  "408/40114": "There is one connection, to one server: that it is away is told as 412/40115.",
  "409/40230": "There are no agents of Teams: making one is refused with 405/49002.",
  "400/40613": "A person who refuses is no error: askDevicePermission resolves with false.",
  "410/41048":
    "Media is not set up for each stream: a camera is published, or 500/43002 says why not.",
  "412/41056": "Policies of Teams are for its users, and there are none.",
  "412/41073": "No policy of a server keeps an app from its streams.",
  "412/43019":
    "A device that is missing is told by its kind: 412/43013 a camera, 412/49009 a microphone.",
  "500/43204": "The engine refuses no subscription; what sends nothing is told with 408/43203.",
  "400/43220":
    "As many views may be made as the page bears: the engine sends a stream once for all of them.",
  "403/45802": "No policy of a server keeps an app from listening.",
  "46500": "The server's errors come as they are, and it has 46502 and 46504 of media access.",
  "46501": "The server's errors come as they are, and it has 46502 and 46504 of media access.",
  "46503": "The server's errors come as they are, and it has 46502 and 46504 of media access.",
  "46506": "The server's errors come as they are, and it has 46502 and 46504 of media access.",
  "46507": "The server's errors come as they are, and it has 46502 and 46504 of media access.",
};
