/** The documented reasons with which no call ends here, and why. */
export const NOT_HERE: Readonly<Record<string, string>> = {
  "487/540487": "A caller who gives up is told of in one way: 487/0.",
  "0/5003": "That all endpoints declined is told of in one way: 487/10024.",
  "0/5000": "Being removed by another participant is told of in one way: 0/5300.",
  "403/5830":
    "Nobody but a user of the server has a token: any other one is refused with 401/10009.",
  "480/10076":
    "An endpoint is there while its agent is connected, and only then: without one it is 480/10037.",
  "480/10077": "Nothing is pushed to devices: without a connected agent it is 480/10037.",
  "480/10078": "An agent that cannot be reached is none: it is 480/10037.",
  "10119":
    "There are no tenants to look up: a token names a resource of the server, or is 401/10009.",
  "486/10321": "There are no bots.",
  "0/7015": "Calls are not passed on: `transfer()` is refused with 405/49002.",
  "410/3101":
    "Client and server give up lost media at nearly the same time, and say the same: 410/301005.",
  "410/3111":
    "An offer that the engine cannot take leaves media without a way, and livekit-client tells no more: 410/3112.",
  "0/560000": "There are no phones.",
  "486/560486": "There are no phones.",
};
