import type { z } from "zod";
import { outputJson } from "../realtime/session-options.ts";
import type { LiveSession } from "../session/live-session.ts";
import type { TranscriptEntry } from "../session/session-transcript.ts";
import type { UsageReport } from "../session/session-usage.ts";
import type { session, transcript, usage } from "./schemas.ts";

/** Remembers when sessions began, by the wall clock. */
export class SessionViews {
  readonly #utcNowMs: () => number;
  readonly #beganMs = new WeakMap<LiveSession, number>();

  constructor(utcNowMs: () => number) {
    this.#utcNowMs = utcNowMs;
  }

  createdAtMs(live: LiveSession): number {
    const ms = this.#beganMs.get(live) ?? Math.round(this.#utcNowMs() - live.usage.report().sessionSeconds * 1000);
    this.#beganMs.set(live, ms);
    return ms;
  }

  session(live: LiveSession): z.output<typeof session> {
    const { id, attached, output, facts } = live;
    return {
      id,
      object: "session",
      created_at: Math.floor(this.createdAtMs(live) / 1000),
      avatar: facts.avatar,
      connections: attached,
      output: outputJson(output) as z.output<typeof session>["output"],
    };
  }
}

export const usageView = (live: LiveSession): z.output<typeof usage> => usageJson(live.usage.report());

export function usageJson(report: UsageReport): z.output<typeof usage> {
  const { sessionSeconds, heardSeconds, spokenSeconds, videoFrames, utterances, responses } = report;
  return {
    object: "session.usage",
    session_seconds: sessionSeconds,
    heard_seconds: heardSeconds,
    spoken_seconds: spokenSeconds,
    video_frames: videoFrames,
    utterances,
    responses,
  };
}

export function transcriptView({ transcript: { entries, dropped } }: LiveSession): z.output<typeof transcript> {
  return { object: "list", data: transcriptJson(entries), dropped };
}

export function transcriptJson(entries: readonly TranscriptEntry[]): z.output<typeof transcript>["data"] {
  return entries.map(({ role, number, text, language, atMs, complete }) => ({ role, number, text, language, at_ms: atMs, complete }));
}
