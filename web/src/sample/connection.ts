/** Whether the connection holds at the moment. */
import type { CallAgent, ConnectionStateChangedEventArgs } from "@openrooms/calling";

/** Tells each time the connection is lost or back; the answer ends it. */
export type ConnectionWatch = (tell: (holds: boolean) => void) => () => void;

/** Watch the connection of an agent. */
export function watchConnection(agent: CallAgent): ConnectionWatch {
  return (tell) => {
    const changed = (change: ConnectionStateChangedEventArgs): void => {
      tell(change.newValue === "Connected");
    };
    agent.on("connectionStateChanged", changed);
    return () => agent.off("connectionStateChanged", changed);
  };
}
