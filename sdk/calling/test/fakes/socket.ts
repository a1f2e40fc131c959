/** WebSockets for Node, where the browser's are missing. */
import { WebSocket } from "ws";
import type { OpenSocket } from "../../src/signalling/socket.js";

/** Opens a connection. Each message is a task of its own, as in browsers. */
export const openNodeSocket: OpenSocket = (url, handlers) => {
  const socket = new WebSocket(url, { allowSynchronousEvents: false });
  socket.on("open", () => handlers.opened());
  socket.on("message", (data) => handlers.received(String(data)));
  socket.on("close", (code) => handlers.closed(code));
  // The close event follows.
  socket.on("error", () => undefined);
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => socket.close(),
  };
};
