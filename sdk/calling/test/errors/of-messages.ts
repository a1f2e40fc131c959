/** How errors of data channels and of texts come about. */
import type { DataChannelCallFeature } from "../../src/api/data-channel.js";
import { Features } from "../../src/features/features.js";
import type { Bench } from "../fakes/bench.js";
import type { Way } from "./row.js";

/** Ways of data channels and of texts. */
export const ofMessages = (bench: () => Bench) => {
  const channels = (): DataChannelCallFeature => bench().join().feature(Features.DataChannel);
  return {
    badData: () => channels().createDataChannelSender().sendMessage(new Uint8Array(32_769)),
    badChannel: () => channels().createDataChannelSender({ channelId: -1 }),
    tooManyRecipients: () => {
      const many = Array.from({ length: 65 }, (_, at) => ({
        communicationUserId: `8:acs:a_${at}`,
      }));
      channels().createDataChannelSender().setParticipants(many);
    },
    channelClosed: async () => {
      const sender = channels().createDataChannelSender();
      sender.close();
      await sender.sendMessage(new Uint8Array(1));
    },
    tooFast: async () => {
      const sender = channels().createDataChannelSender({ bitrateInKbps: 1 });
      await sender.sendMessage(new Uint8Array(1_000)).catch(() => undefined);
      await sender.sendMessage(new Uint8Array(1));
    },
    badText: () =>
      bench().join().feature(Features.RealTimeText).sendRealTimeText("x".repeat(2_001)),
  } as const satisfies Record<string, Way>;
};
