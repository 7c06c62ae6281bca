import type { z } from "zod";
import { outputJson } from "../realtime/session-options.ts";
import type { SessionReport } from "../records/session-report.ts";
import type { EarlierTranscript, TranscriptEntry } from "../session/session-transcript.ts";
import type { UsageReport } from "../session/session-usage.ts";
import type { session, transcript, usage } from "./schemas.ts";

export function sessionView({ id, avatar, openedUnixMs, connections, output }: SessionReport): z.output<typeof session> {
  return {
    id,
    object: "session",
    created_at: Math.floor(openedUnixMs / 1000),
    avatar,
    connections,
    output: outputJson(output) as z.output<typeof session>["output"],
  };
}

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

export function transcriptView({ entries, dropped }: EarlierTranscript): z.output<typeof transcript> {
  return { object: "list", data: transcriptJson(entries), dropped };
}

export function transcriptJson(entries: readonly TranscriptEntry[]): z.output<typeof transcript>["data"] {
  return entries.map(({ role, number, text, language, atMs, complete }) => ({ role, number, text, language, at_ms: atMs, complete }));
}
