import type { ResponseDone } from "@troupe/contracts";
import { errorDetail } from "../protocol/error-event.ts";

/** Why a response ended before its end. */
export type CancelReason = "turn_detected" | "client_cancelled";

/** One response as a connection has told of it so far. */
export interface ResponseRecord {
  readonly number: number;
  /** What the model has written. */
  text: string;
  /** Whether its item was added. */
  begun: boolean;
  /** Whether sound of it was sent. */
  sounded: boolean;
  /** End of that sound, on the response scale. */
  soundUs: number;
  cancelled: CancelReason | undefined;
  /** It is over; its last sound is still on the way. */
  ending: ResponseDone | undefined;
}

export const newResponse = (number: number): ResponseRecord => ({
  number,
  text: "",
  begun: false,
  sounded: false,
  soundUs: 0,
  cancelled: undefined,
  ending: undefined,
});

export type ResponseStatus = "completed" | "cancelled" | "failed";

export function statusOf(
  { cancelled }: ResponseRecord,
  done: ResponseDone,
): { readonly status: ResponseStatus; readonly details: object | null } {
  if (done.complete) return { status: "completed", details: null };
  if (done.error) return { status: "failed", details: { type: "failed", error: errorDetail(done.error) } };
  return { status: "cancelled", details: { type: "cancelled", reason: cancelled ?? "turn_detected" } };
}

/** Sound of a person that counts as one token, and sound of an avatar. */
const heardMsPerToken = 100;
const spokenMsPerToken = 50;

/** Usage in the units of the protocol: sound only, as words are not counted. */
export function usageOf(heardMs: number, presentedUs: bigint): object {
  const input = Math.round(heardMs / heardMsPerToken);
  const output = Math.round(Number(presentedUs) / 1000 / spokenMsPerToken);
  return {
    total_tokens: input + output,
    input_tokens: input,
    output_tokens: output,
    input_token_details: { text_tokens: 0, audio_tokens: input, image_tokens: 0, cached_tokens: 0 },
    output_token_details: { text_tokens: 0, audio_tokens: output },
  };
}
