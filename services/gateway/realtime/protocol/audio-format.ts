import { z } from "zod";

/** Sound formats of the protocol: 24 kHz PCM16 little-endian, or 8 kHz G.711. */
export const audioFormat = z.discriminatedUnion("type", [
  z.object({ type: z.literal("audio/pcm"), rate: z.literal(24_000).default(24_000) }),
  z.object({ type: z.literal("audio/pcmu") }),
  z.object({ type: z.literal("audio/pcma") }),
]);
export type AudioFormat = z.output<typeof audioFormat>;

export const pcm: AudioFormat = { type: "audio/pcm", rate: 24_000 };

export const sampleRateOf = (format: AudioFormat): number => (format.type === "audio/pcm" ? format.rate : 8000);

export const bytesPerSample = (format: AudioFormat): number => (format.type === "audio/pcm" ? 2 : 1);
