import { create } from "@bufbuild/protobuf";
import { PlaybackSchema, TurnAction } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { LiveSession } from "../session/live-session.ts";
import { type AudioInput, type InputAudioLength, readAudio } from "./audio-input.ts";
import { addItem, deleteItem, retrieveItem, truncateItem } from "./carry-out-items.ts";
import { cancelResponse, createResponse } from "./carry-out-responses.ts";
import type { ClientEvent, ClientEventOf } from "./protocol/client-event.ts";
import type { ServerEvent } from "./protocol/server-event.ts";
import { heardRateHz } from "./session-options.ts";
import type { Translation } from "./translation/translation.ts";

/** A client and the session that it talks with. */
export interface Talk {
  readonly session: LiveSession;
  readonly translation: Translation;
  readonly input: AudioInput;
  readonly heard: InputAudioLength;
  /** Of one text, in characters. */
  readonly maxTextLength: number;
  readonly send: (event: ServerEvent) => void;
}

/** Events that need an open session; `session.update`, `troupe.output.update` and `troupe.ping` are the connection's own. */
export type TalkEvent = Exclude<ClientEvent, { type: "session.update" | "troupe.output.update" | "troupe.ping" | "troupe.end" }>;

type Carriers = { readonly [T in TalkEvent["type"]]: (talk: Talk, event: ClientEventOf<T>) => void | Promise<void> };

/** A commit must hold as much. */
const minCommitMs = 100;

const carriers: Carriers = {
  "input_audio_buffer.append": append,
  "input_audio_buffer.commit": ({ session, heard }) => {
    heard.take(minCommitMs);
    session.conversation.turn(TurnAction.COMMIT);
  },
  "input_audio_buffer.clear": ({ session, heard, send }) => {
    heard.clear();
    session.conversation.turn(TurnAction.CLEAR);
    send({ type: "input_audio_buffer.cleared" });
  },
  "output_audio_buffer.clear": (talk) => interrupt(talk),
  "conversation.item.create": addItem,
  "conversation.item.retrieve": retrieveItem,
  "conversation.item.delete": deleteItem,
  "conversation.item.truncate": truncateItem,
  "response.create": createResponse,
  "response.cancel": cancelResponse,
  "troupe.playback": ({ session }, event) => {
    const { silenced } = event;
    session.conversation.playback(
      create(PlaybackSchema, {
        positionUs: BigInt(event.position_us),
        bufferedUs: event.buffered_us,
        underruns: event.underruns,
        droppedFrames: event.dropped_frames,
        avOffsetUs: event.av_offset_us,
        ...(silenced ? { silenced: { response: silenced.response, atUs: BigInt(silenced.at_us) } } : {}),
      }),
    );
  },
  "troupe.keyframe": ({ session }) => session.conversation.requestKeyframe(0),
  "troupe.interrupt": interrupt,
  "troupe.say": (talk, { text, language, uninterruptible }) =>
    talk.session.conversation.say(limited(talk, text), language, uninterruptible),
  "troupe.text": (talk, { text, language }) => talk.session.conversation.type(limited(talk, text), language),
};

/** @throws ServiceError */
export async function carryOut(talk: Talk, event: TalkEvent): Promise<void> {
  const carrier = carriers[event.type] as (talk: Talk, event: TalkEvent) => void | Promise<void>;
  await carrier(talk, event);
}

async function append({ session, input, heard }: Talk, { audio }: ClientEventOf<"input_audio_buffer.append">): Promise<void> {
  const bytes = readAudio(audio, input.format, "audio");
  heard.add(bytes.byteLength, input.format);
  const samples = input.push(bytes);
  if (samples.length > 0) await session.conversation.hear(samples, heardRateHz);
}

function interrupt({ session, translation }: Talk): void {
  const { active } = translation.responses;
  if (active !== undefined) translation.responses.cancelledBy(active, "client_cancelled");
  session.conversation.interrupt();
}

/** @throws ServiceError TEXT_TOO_LONG */
export function limited({ maxTextLength }: Pick<Talk, "maxTextLength">, text: string): string {
  if (text.length > maxTextLength)
    throw new ServiceError("TEXT_TOO_LONG", `the text has ${text.length} characters, ${maxTextLength} are allowed`);
  return text;
}
