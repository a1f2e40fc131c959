/** A WebSocket reduced to what the agent socket needs. */

/** What a socket tells its owner. */
export interface SocketHandlers {
  opened(): void;
  received(text: string): void;
  /** The connection is over, or never came about. Called once. */
  closed(code: number): void;
}

/** An open connection for text messages. */
export interface Socket {
  send(text: string): void;
  close(): void;
}

/** Opens a connection. */
export type OpenSocket = (url: string, handlers: SocketHandlers) => Socket;

/** A connection by the browser's own WebSocket. */
export const openBrowserSocket: OpenSocket = (url, handlers) => {
  const socket = new WebSocket(url);
  socket.onopen = () => handlers.opened();
  socket.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (typeof data === "string") handlers.received(data);
  };
  socket.onclose = ({ code }) => handlers.closed(code);
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => socket.close(),
  };
};
